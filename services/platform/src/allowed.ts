import { requireCaller } from './callers.ts';
import type { BidiHandler, UnaryHandler } from './grpc.ts';

/**
 * A handler for those callers alone, whichever edge they come by.
 *
 * @param callers the names of their certificates
 */
export const allowed =
  <Request, Response>(
    callers: readonly string[],
    handler: UnaryHandler<Request, Response>,
  ): UnaryHandler<Request, Response> =>
  async (request, context) => {
    requireCaller(context.peer, callers);
    return handler(request, context);
  };

/** A stream for those callers alone; anybody else's ends before a message is read. */
export const allowedStream =
  <Request, Response>(
    callers: readonly string[],
    handler: BidiHandler<Request, Response>,
  ): BidiHandler<Request, Response> =>
  async (stream) => {
    requireCaller(stream.context.peer, callers);
    return handler(stream);
  };
