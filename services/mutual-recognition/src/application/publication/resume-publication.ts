import { toAppError } from '@aeo/platform/errors';
import type { Stoppable } from '@aeo/platform/lifecycle';
import type { Logger } from '@aeo/platform/logger';
import { startPeriodic } from '@aeo/platform/periodic';

const retryMs = 1_000;

/** Publishes what a process before this one accepted and could not publish; retries until it succeeds. */
export function resumePublication(
  publishOwed: (signal: AbortSignal) => Promise<void>,
  logger: Pick<Logger, 'warn'>,
): Stoppable {
  return startPeriodic({
    name: 'resumed publication',
    everyMs: retryMs,
    firstMs: 0,
    // Suspensions may be among what is owed.
    retryMaxMs: retryMs,
    round: async (signal) => {
      await publishOwed(signal);
      return 'done';
    },
    onError: (error) =>
      logger.warn('publishing what is owed to the status topic failed and is retried', {
        reason: toAppError(error).reason,
      }),
  });
}
