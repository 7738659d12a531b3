import { requireCaller } from '@aeo/platform/callers';
import type { UnaryHandler } from '@aeo/platform/grpc';

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
