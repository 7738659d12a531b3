import { Metadata, status, type ServiceError, type StatusObject } from '@grpc/grpc-js';
import { AppError, toAppError, type ErrorCode, type FieldProblem } from '../errors.ts';
import { languageAskedFor, refusalText } from '../refusal-texts.ts';

const statusOf: Record<ErrorCode, status> = {
  invalid: status.INVALID_ARGUMENT,
  not_found: status.NOT_FOUND,
  conflict: status.ABORTED,
  denied: status.PERMISSION_DENIED,
  unavailable: status.UNAVAILABLE,
  internal: status.INTERNAL,
};

/** Reasons that gRPC tells more closely than their code. */
const statusOfReason: Readonly<Record<string, status>> = {
  KEY_REUSED: status.ALREADY_EXISTS,
  TOKEN_INVALID: status.UNAUTHENTICATED,
  TOKEN_EXPIRED: status.UNAUTHENTICATED,
};

const codeOf = new Map<status, ErrorCode>([
  [status.INVALID_ARGUMENT, 'invalid'],
  [status.OUT_OF_RANGE, 'invalid'],
  [status.NOT_FOUND, 'not_found'],
  [status.ABORTED, 'conflict'],
  [status.ALREADY_EXISTS, 'conflict'],
  [status.PERMISSION_DENIED, 'denied'],
  [status.UNAUTHENTICATED, 'denied'],
  [status.UNAVAILABLE, 'unavailable'],
  [status.RESOURCE_EXHAUSTED, 'unavailable'],
  [status.DEADLINE_EXCEEDED, 'unavailable'],
  [status.CANCELLED, 'unavailable'],
]);

// Trailers travel as headers: many clients take 8 kB of them and no more.
const fieldsMax = 50;
const detailsMax = 1_000;

/**
 * What a caller gets for an error: the reason, its fields and what it means in words in the trailer, and never the message
 * of our own faults.
 *
 * @param asked the call's metadata, where `accept-language` says in which language
 */
export function toStatus(
  error: unknown,
  asked?: Metadata,
): Pick<StatusObject, 'code' | 'details'> & { metadata: Metadata } {
  const failure = toAppError(error);
  const metadata = new Metadata();
  metadata.set('error-reason', failure.reason);
  const language = languageAskedFor(String(asked?.get('accept-language')[0] ?? ''));
  metadata.set('error-text-bin', Buffer.from(refusalText(failure.reason, language)));
  if (failure.fields.length > 0)
    metadata.set('error-fields-bin', Buffer.from(JSON.stringify(failure.fields.slice(0, fieldsMax))));
  const code = statusOfReason[failure.reason] ?? statusOf[failure.code];
  const details = failure.code === 'internal' ? 'a fault on our side' : failure.message;
  return { code, details: details.slice(0, detailsMax), metadata };
}

/** What a status means here; a peer's status without a reason of ours gets the status' own name. */
export function fromStatus(error: ServiceError): AppError {
  const tooLarge = error.code === status.RESOURCE_EXHAUSTED && /larger than (max|[0-9])/.test(error.details);
  // Exhausted otherwise is a peer that is overloaded now.
  const named = error.metadata?.get('error-reason')[0]?.toString();
  const broken = named === undefined && error.details.startsWith(brokenOff);
  const code = tooLarge ? 'invalid' : broken ? 'unavailable' : (codeOf.get(error.code) ?? 'internal');
  const reason = named ?? fallbackReason(tooLarge, code);
  const fields = error.metadata?.get('error-fields-bin')[0];
  const parsed = Buffer.isBuffer(fields) ? (JSON.parse(fields.toString()) as FieldProblem[]) : [];
  return new AppError(code, reason, error.details, { fields: parsed, cause: error });
}

/**
 * What the client's own transport says, as INTERNAL, of a stream that was reset before any status came: by a connection
 * that broke while it was written to, for one. A fault of a handler comes with its reason.
 */
const brokenOff = 'Received RST_STREAM with code';

function fallbackReason(tooLarge: boolean, code: ErrorCode): string {
  if (tooLarge) return 'BODY_TOO_LARGE';
  return code === 'unavailable' ? 'UNAVAILABLE' : code === 'internal' ? 'INTERNAL' : code.toUpperCase();
}
