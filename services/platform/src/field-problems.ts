import { AppError, type FieldProblem } from './errors.ts';

/** Notes a problem of a field unless the condition holds. */
export type Check = (holds: boolean, path: string, code: string) => void;

/** An error names at most this many fields: a gRPC trailer that grows with the request would break its connection. */
export const fieldProblemsMax = 50;

/** Collects the problems of a request, those of its first fifty fields. */
export function fieldProblems() {
  const fields: FieldProblem[] = [];
  const check: Check = (holds, path, code) => {
    if (!holds && fields.length < fieldProblemsMax) fields.push({ path, code });
  };
  return {
    check,
    isEmpty: () => fields.length === 0,
    isFull: () => fields.length >= fieldProblemsMax,
    /** @throws AppError `invalid` when there is any problem */
    refuseAny: () => {
      if (fields.length > 0) throw invalid(fields);
    },
  };
}

/** The error for a request with such problems; its reason is the code of the first. */
export function invalid(fields: readonly FieldProblem[]): AppError {
  const [first, ...others] = fields;
  const named = first === undefined ? '' : `${first.path}: ${first.code}`;
  const detail = others.length === 0 ? named : `${named}, and ${others.length} more`;
  return new AppError('invalid', first?.code ?? 'FIELD_FORMAT', detail, { fields });
}
