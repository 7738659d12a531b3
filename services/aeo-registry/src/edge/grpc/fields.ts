import { AppError, type FieldProblem } from '@aeo/platform/errors';

/**
 * Refuses a request whose fields cannot be used.
 *
 * @throws AppError `invalid` with the path and code of every such field
 */
export function refuseFields(problems: readonly FieldProblem[]): void {
  if (problems.length === 0) return;
  const detail = problems.map(({ path, code }) => `${path}: ${code}`).join(', ');
  throw new AppError('invalid', problems[0]?.code ?? 'FIELD_FORMAT', detail, { fields: problems });
}
