import { toAppError } from '@aeo/platform/errors';
import type { Stoppable } from '@aeo/platform/lifecycle';
import type { Logger } from '@aeo/platform/logger';
import { startPeriodic } from '@aeo/platform/periodic';
import type { ReceivedLists } from '../../ports.ts';

const retryMs = 1_000;

/** Publishes what a previous process accepted and did not publish; retries until it succeeds. */
export function resumePublication(received: Pick<ReceivedLists, 'activate'>, logger: Logger): Stoppable {
  return startPeriodic({
    name: 'resumed publication',
    everyMs: retryMs,
    firstMs: 0,
    round: async (signal) => {
      await received.activate(signal);
      return 'done';
    },
    onError: (error) =>
      logger.warn('records for the status topic are not published yet', { reason: toAppError(error).reason }),
  });
}
