import { Metadata, status, type ServiceError, type StatusObject } from '@grpc/grpc-js';
import { AppError, toAppError, type ErrorCode, type FieldProblem } from '../errors.ts';
import { preferredLanguage, refusalText } from '../refusal-texts.ts';

const statusOf: Record<ErrorCode, status> = {
  invalid: status.INVALID_ARGUMENT,
  not_found: status.NOT_FOUND,
  conflict: status.ABORTED,
  denied: status.PERMISSION_DENIED,
  unavailable: status.UNAVAILABLE,
  internal: status.INTERNAL,
};

/** Reasons with a more specific status than that of their code. */
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
 * The status of an error for the caller: the reason, its fields and its text in the trailer, and never the message of an
 * internal error.
 *
 * @param request the call's metadata, with its `accept-language`
 */
export function toStatus(
  error: unknown,
  request?: Metadata,
): Pick<StatusObject, 'code' | 'details'> & { metadata: Metadata } {
  const failure = toAppError(error);
  const metadata = new Metadata();
  metadata.set('error-reason', failure.reason);
  const language = preferredLanguage(String(request?.get('accept-language')[0] ?? ''));
  metadata.set('error-text-bin', Buffer.from(refusalText(failure.reason, language)));
  if (failure.fields.length > 0)
    metadata.set('error-fields-bin', Buffer.from(JSON.stringify(failure.fields.slice(0, fieldsMax))));
  const code = statusOfReason[failure.reason] ?? statusOf[failure.code];
  const details = failure.code === 'internal' ? 'a fault on our side' : failure.message;
  return { code, details: details.slice(0, detailsMax), metadata };
}

/** The error of a status; a status without a reason of ours gets its own name as reason. */
export function fromStatus(error: ServiceError): AppError {
  const tooLarge = error.code === status.RESOURCE_EXHAUSTED && /larger than (max|[0-9])/.test(error.details);
  // For other details, RESOURCE_EXHAUSTED is a peer that is overloaded now.
  const named = error.metadata?.get('error-reason')[0]?.toString();
  const broken = named === undefined && error.details.startsWith(streamResetText);
  const code = tooLarge ? 'invalid' : broken ? 'unavailable' : (codeOf.get(error.code) ?? 'internal');
  const reason = named ?? fallbackReason(tooLarge, code);
  const fields = error.metadata?.get('error-fields-bin')[0];
  const parsed = Buffer.isBuffer(fields) ? (JSON.parse(fields.toString()) as FieldProblem[]) : [];
  return new AppError(code, reason, error.details, { fields: parsed, cause: error });
}

/**
 * The text of the client's own transport, as INTERNAL, for a stream that was reset before any status arrived, by a
 * connection that broke during a write, for example. An internal error of a handler arrives with its reason.
 */
const streamResetText = 'Received RST_STREAM with code';

function fallbackReason(tooLarge: boolean, code: ErrorCode): string {
  if (tooLarge) return 'BODY_TOO_LARGE';
  return code === 'unavailable' ? 'UNAVAILABLE' : code === 'internal' ? 'INTERNAL' : code.toUpperCase();
}
