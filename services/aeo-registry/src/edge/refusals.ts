import { AppError, type ErrorCode, type FieldProblem } from '@aeo/platform/errors';
import type { Refusal } from '../application/command-outcome.ts';

/** Notes that a field breaks a rule: its path and the code of the problem. */
export type Check = (holds: boolean, path: string, code: string) => void;

/**
 * Reads something with checks, of which each that fails is a problem.
 *
 * @throws AppError `invalid` with the path and code of every field that cannot be used
 */
export function checked<Value>(read: (check: Check) => Value): Value {
  const problems: FieldProblem[] = [];
  const value = read((holds, path, code) => {
    if (!holds) problems.push({ path, code });
  });
  refuseFields(problems);
  return value;
}

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

/** The error for what does not exist, and for what the caller may not know of. */
export function notFound(path?: string): AppError {
  const fields = path === undefined ? [] : [{ path, code: 'NOT_FOUND' }];
  return new AppError('not_found', 'NOT_FOUND', 'there is nothing under this name', { fields });
}

/** The error that answers a command which was not accepted. */
export function outcomeError(outcome: Refusal | { kind: 'hidden' | 'seen' }): AppError {
  if (outcome.kind !== 'refused') return notFound();
  const { reason, path } = outcome;
  const fields = path === undefined ? [] : [{ path, code: reason }];
  return new AppError(codeOf(reason), reason, 'the command does not fit the present state', { fields });
}

const denials: ReadonlySet<string> = new Set(['SAME_PERSON', 'FACT_ORIGIN', 'NOT_ALLOWED']);

function codeOf(reason: Refusal['reason']): ErrorCode {
  if (reason === 'NOT_FOUND') return 'not_found';
  if (denials.has(reason)) return 'denied';
  return /^(FIELD|EVIDENCE|IDENTIFIER)_/.test(reason) ? 'invalid' : 'conflict';
}
