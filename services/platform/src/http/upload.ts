import type { Request, Router } from 'express';
import { z } from 'zod';
import type { Rule } from '../identity/rule.ts';
import { AppError } from '../errors.ts';
import type { CallContext } from '../grpc.ts';
import { bindRoutes, restRoute, type Answer, type RestRoute } from './rest.ts';

type Shape = z.ZodRawShape;

type Bytes = AsyncIterable<Uint8Array>;

/** A route whose body is bytes, read by its handler as they arrive, instead of JSON. */
export type UploadRoute = RestRoute & {
  bytesMax: number;
  /** How long the next bytes may take to arrive. */
  stallMs: number;
};

const body = z
  .custom<Bytes>((value) => typeof value === 'object' && value !== null && Symbol.asyncIterator in value)
  .meta({ type: 'string', format: 'binary' });

/** The rest of a body that is not needed is read and discarded for this long, so that the caller receives the answer. */
const discardMs = 1_000;

/**
 * Puts an upload together. Rule, path and query are checked before a byte is read; a body of type application/json is
 * refused, as it was read by then. Reading the body may throw an AppError: `invalid` BODY_TOO_LARGE, `invalid`
 * BODY_MALFORMED, `unavailable` BODY_TOO_SLOW. The context's deadline is that of other routes; an upload may exceed it.
 */
export function uploadRoute<P extends Shape, Q extends Shape>(route: {
  method?: 'post' | 'put';
  path: string;
  summary: string;
  allow: Rule;
  params?: P;
  query?: Q;
  status?: number;
  answer: Answer;
  bytesMax: number;
  stallMs?: number;
  handle: (
    content: Bytes,
    input: { params: z.output<z.ZodObject<P>>; query: z.output<z.ZodObject<Q>> },
    context: CallContext,
  ) => Promise<unknown>;
}): UploadRoute {
  const { bytesMax, stallMs = 5_000, handle, ...rest } = route;
  const made = restRoute({
    method: 'post',
    ...rest,
    body,
    handle: ({ params, query, body: content }, context) => handle(content, { params, query }, context),
  });
  return { ...made, bytesMax, stallMs };
}

/** Binds an upload to a router, with its rule; a problem is answered as by other routes. */
export function bindUpload(router: Router, route: UploadRoute): void {
  router[route.method](route.path.replaceAll(/\{(\w+)\}/g, ':$1'), (request, response, next) => {
    request.body = bytesOf(request, request.body !== undefined, route);
    response.once('finish', () => discardRest(request));
    next();
  });
  bindRoutes([route])(router);
}

async function* bytesOf(
  request: Request,
  isRead: boolean,
  { bytesMax, stallMs }: UploadRoute,
): AsyncGenerator<Uint8Array> {
  if (isRead)
    throw new AppError('invalid', 'BODY_MALFORMED', 'bytes are expected here, not application/json');
  // A body that declares a length above the limit is not read at all.
  if (Number(request.get('content-length') ?? 0) > bytesMax) throw tooLarge(bytesMax);
  const pieces = request.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array, undefined>;
  let bytes = 0;
  try {
    for (;;) {
      const next = await withTimeout(pieces.next(), stallMs);
      if (next.done === true) return;
      bytes += next.value.length;
      if (bytes > bytesMax) throw tooLarge(bytesMax);
      yield next.value;
    }
  } finally {
    // While the next bytes are awaited, this waits for them or for the end of the connection.
    void pieces.return?.().catch(() => undefined);
  }
}

function tooLarge(bytesMax: number): AppError {
  return new AppError('invalid', 'BODY_TOO_LARGE', `more than ${bytesMax} bytes`);
}

async function withTimeout<T>(work: Promise<T>, timeMs: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const tooSlow = new AppError('unavailable', 'BODY_TOO_SLOW', `no bytes arrived for ${timeMs} ms`);
  const timer = setTimeout(() => late.reject(tooSlow), timeMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Closing a connection with unread bytes loses the answer (RFC 9112, 9.6); one that stays open may last for ever. */
function discardRest(request: Request): void {
  if (request.complete) return;
  const timer = setTimeout(() => request.socket.destroy(), discardMs);
  request.once('close', () => clearTimeout(timer));
  request.resume();
}
