import { Metadata, status, type ServiceError, type StatusObject } from '@grpc/grpc-js';
import { AppError, toAppError, type ErrorCode, type FieldProblem } from '../errors.ts';

const statusOf: Record<ErrorCode, status> = {
  invalid: status.INVALID_ARGUMENT,
  not_found: status.NOT_FOUND,
  conflict: status.ABORTED,
  denied: status.PERMISSION_DENIED,
  unavailable: status.UNAVAILABLE,
  internal: status.INTERNAL,
};

const codeOf = new Map<status, ErrorCode>([
  [status.INVALID_ARGUMENT, 'invalid'],
  [status.OUT_OF_RANGE, 'invalid'],
  [status.RESOURCE_EXHAUSTED, 'invalid'],
  [status.NOT_FOUND, 'not_found'],
  [status.ABORTED, 'conflict'],
  [status.ALREADY_EXISTS, 'conflict'],
  [status.PERMISSION_DENIED, 'denied'],
  [status.UNAUTHENTICATED, 'denied'],
  [status.UNAVAILABLE, 'unavailable'],
  [status.DEADLINE_EXCEEDED, 'unavailable'],
  [status.CANCELLED, 'unavailable'],
]);

/** What a caller gets for an error: the reason and fields in the trailer, and never the message of our own faults. */
export function toStatus(error: unknown): Pick<StatusObject, 'code' | 'details'> & { metadata: Metadata } {
  const failure = toAppError(error);
  const metadata = new Metadata();
  metadata.set('error-reason', failure.reason);
  if (failure.fields.length > 0)
    metadata.set('error-fields-bin', Buffer.from(JSON.stringify(failure.fields)));
  const code = failure.reason === 'KEY_REUSED' ? status.ALREADY_EXISTS : statusOf[failure.code];
  return { code, details: failure.code === 'internal' ? 'a fault on our side' : failure.message, metadata };
}

/** What a status means here; a peer's status without a reason of ours gets the status' own name. */
export function fromStatus(error: ServiceError): AppError {
  const code = codeOf.get(error.code) ?? 'internal';
  const reason = error.metadata?.get('error-reason')[0]?.toString() ?? fallbackReason(error.code, code);
  const fields = error.metadata?.get('error-fields-bin')[0];
  const parsed = Buffer.isBuffer(fields) ? (JSON.parse(fields.toString()) as FieldProblem[]) : [];
  return new AppError(code, reason, error.details, { fields: parsed, cause: error });
}

function fallbackReason(grpcStatus: status, code: ErrorCode): string {
  if (grpcStatus === status.RESOURCE_EXHAUSTED) return 'BODY_TOO_LARGE';
  return code === 'unavailable' ? 'UNAVAILABLE' : code === 'internal' ? 'INTERNAL' : code.toUpperCase();
}
