import { toAppError } from '@aeo/platform/errors';
import type { Stoppable } from '@aeo/platform/lifecycle';
import type { Logger } from '@aeo/platform/logger';
import { startPeriodic } from '@aeo/platform/periodic';
import type { ReceivedLists } from '../../ports.ts';

export type AgeingPorts = {
  received: Pick<ReceivedLists, 'ageAbsences' | 'activate'>;
  /** The database's clock. */
  now: () => Promise<Date>;
  everyMs: number;
  logger: Pick<Logger, 'warn' | 'error'>;
};

/** Looks regularly whether absences have waited for too long, and publishes what that changes. */
export function startAgeing(ports: AgeingPorts): Stoppable {
  return startPeriodic({
    name: 'unanswered absences',
    everyMs: ports.everyMs,
    round: (signal) => age(ports, signal),
    onError: (error) =>
      ports.logger.warn('absences that wait for too long are not processed', {
        reason: toAppError(error).reason,
      }),
  });
}

async function age({ received, now, logger }: AgeingPorts, signal: AbortSignal): Promise<void> {
  const rows = await received.ageAbsences(await now());
  if (rows === 0) return;
  logger.error('absences of a partner’s list have waited for too long, or were answered after all', {
    rows,
  });
  await received.activate(signal);
}
