import { trace } from '@opentelemetry/api';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { AppError, toAppError, type ErrorCode } from '../errors.ts';
import { failureFields } from '../failures.ts';
import type { Logger } from '../logger.ts';
import { languages, refusalText, type Language } from '../refusal-texts.ts';

const statuses: Record<ErrorCode, number> = {
  invalid: 400,
  not_found: 404,
  conflict: 409,
  denied: 403,
  unavailable: 503,
  internal: 500,
};

/** Reasons with a more specific status than that of their code. */
const statusOfReason: Readonly<Record<string, number>> = {
  BODY_TOO_LARGE: 413,
  BODY_TOO_SLOW: 408,
  EVIDENCE_TOO_LARGE: 413,
  EVIDENCE_TYPE: 415,
  TOKEN_INVALID: 401,
  TOKEN_EXPIRED: 401,
  PRECONDITION_FAILED: 412,
  PRECONDITION_REQUIRED: 428,
};

/** RFC 6750, 3.1: an expired token is an invalid one, and the caller is to get another. */
const challenge = 'Bearer error="invalid_token"';

/** Answers every error as a problem (RFC 9457); what happened inside stays inside. */
export function problemHandler(logger: Logger): ErrorRequestHandler {
  return (error, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const failure = requestError(error) ?? toAppError(error);
    if (failure.code === 'internal') logger.error('a request failed', failureFields(error));
    const status = statusOfReason[failure.reason] ?? statuses[failure.code];
    if (status === 401) response.set('WWW-Authenticate', challenge);
    sendProblem(request, response, failure, status);
  };
}

export const notFound: RequestHandler = (request, response) => {
  sendProblem(request, response, new AppError('not_found', 'NOT_FOUND', 'no such address'), 404);
};

function sendProblem(
  request: Request,
  response: Response,
  { reason, message, code, fields }: AppError,
  status: number,
): void {
  const language = languageOf(request);
  response
    .status(status)
    .type('application/problem+json')
    .vary('Accept-Language')
    .set('Content-Language', language)
    .send({
      type: 'about:blank',
      title: refusalText(reason, language),
      status,
      code: reason,
      detail: code === 'internal' ? '' : message,
      fields: fields.map((field) => ({ ...field, text: refusalText(field.code, language) })),
      traceId: trace.getActiveSpan()?.spanContext().traceId ?? '',
    });
}

/** The caller's, of those that texts are written in (RFC 9110, 12.5.4). */
function languageOf(request: Request): Language {
  const accepted = request.acceptsLanguages([...languages]);
  return languages.find((each) => each === accepted) ?? 'en';
}

/** The errors of express' own body parser and router, converted to ours. */
function requestError(error: unknown): AppError | undefined {
  const { type, status } = (error ?? {}) as { type?: unknown; status?: unknown };
  if (type === 'entity.too.large') return new AppError('invalid', 'BODY_TOO_LARGE', 'the body is too large');
  if (typeof type === 'string' && /^(entity|encoding|charset|request)\./.test(type))
    return new AppError('invalid', 'BODY_MALFORMED', 'the body cannot be read');
  // The router decodes path parameters before any handler sees them.
  if (status === 400) {
    const fields = [{ path: 'path', code: 'FIELD_FORMAT' }];
    return new AppError('invalid', 'FIELD_FORMAT', 'the path cannot be decoded', { fields });
  }
  return undefined;
}
