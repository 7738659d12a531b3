import { AppError, type FieldProblem } from '@aeo/platform/errors';

export type Check = (holds: boolean, path: string, code: string) => void;

/** An answer names at most this many fields: a gRPC trailer that grows with the request would break its connection. */
const problemsMax = 50;

/** Collects what is wrong with a request, the first fifty fields of it. */
export function fieldProblems() {
  const fields: FieldProblem[] = [];
  const check: Check = (holds, path, code) => {
    if (!holds && fields.length < problemsMax) fields.push({ path, code });
  };
  return {
    check,
    isEmpty: () => fields.length === 0,
    isFull: () => fields.length >= problemsMax,
    /** @throws AppError `invalid` when anything is wrong */
    refuseAny: () => {
      if (fields.length > 0) throw invalid(fields);
    },
  };
}

export function invalid(fields: readonly FieldProblem[]): AppError {
  const [first, ...others] = fields;
  const named = first === undefined ? '' : `${first.path}: ${first.code}`;
  const detail = others.length === 0 ? named : `${named}, and ${others.length} more`;
  return new AppError('invalid', first?.code ?? 'FIELD_FORMAT', detail, { fields });
}
