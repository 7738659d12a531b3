import { status, type handleUnaryCall } from '@grpc/grpc-js';
import { withCorrelation } from '../correlation.ts';
import { AppError, toAppError } from '../errors.ts';
import { reportFailure } from '../failures.ts';
import { recordDuration } from '../metrics.ts';
import type { UnaryHandler } from './handler-types.ts';
import { admit, inTrace, readCall, type CallStatement, type Guard } from './incoming-call.ts';
import { toStatus } from './status.ts';

/**
 * Serves a promise handler as a unary call that ends at its deadline.
 *
 * @param method its name in the metrics: package, service and method
 */
export function serveUnary(
  method: string,
  guard: Guard,
  handle: UnaryHandler<unknown, unknown>,
): handleUnaryCall<unknown, unknown> {
  return (call, callback) => {
    const startedMs = performance.now();
    const record = (code: status, failure: { 'error.type'?: string }) =>
      recordDuration('rpc.server.call.duration', startedMs, {
        'rpc.method': method,
        'rpc.response.status_code': status[code],
        ...failure,
      });
    const statement = readCall(call);
    const expiry = expireAtDeadline(statement);
    const answer = async () => handle(call.request, await admit(call, statement, guard));
    const work = () => withCorrelation(statement.correlationId, '', answer);
    void inTrace(call.metadata, () => Promise.race([work(), expiry.promise]))
      .then(
        (response) => {
          callback(null, response);
          record(status.OK, {});
        },
        (error: unknown) => {
          reportFailure(error);
          const refusal = toStatus(error, call.metadata);
          callback(refusal);
          record(refusal.code, { 'error.type': toAppError(error).code });
        },
      )
      .finally(() => {
        expiry.clear();
        statement.release();
      });
  };
}

const timerMaxMs = 2 ** 31 - 1;

function expireAtDeadline({ deadline, cancellation }: CallStatement): {
  promise: Promise<never>;
  clear: () => void;
} {
  const { promise, reject } = Promise.withResolvers<never>();
  const expire = () => {
    cancellation.abort();
    reject(new AppError('unavailable', 'UNAVAILABLE', 'the deadline has passed'));
  };
  const timer = setTimeout(expire, Math.max(0, Math.min(deadline.getTime() - Date.now(), timerMaxMs)));
  return { promise, clear: () => clearTimeout(timer) };
}
