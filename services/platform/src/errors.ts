/** What an error means to the caller; each edge has one table from code to status. */
export type ErrorCode = 'invalid' | 'not_found' | 'conflict' | 'denied' | 'unavailable' | 'internal';

export type FieldProblem = { path: string; code: string };

/** An error that stops the work. The message of `internal` never leaves the process; reason and fields are stable. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly fields: readonly FieldProblem[];

  constructor(
    code: ErrorCode,
    reason: string,
    message: string,
    options: { fields?: readonly FieldProblem[]; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.reason = reason;
    this.fields = options.fields ?? [];
  }
}

export function isAppError(error: unknown): error is AppError {
  return error instanceof AppError;
}

const connectionCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);

/** Converts other errors: lost connections are `unavailable`, the rest are `internal`. */
export function toAppError(error: unknown): AppError {
  if (isAppError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = (error as { code?: unknown } | null)?.code;
  const lost = typeof code === 'string' && connectionCodes.has(code);
  return lost
    ? new AppError('unavailable', 'UNAVAILABLE', message, { cause: error })
    : new AppError('internal', 'INTERNAL', message, { cause: error });
}
