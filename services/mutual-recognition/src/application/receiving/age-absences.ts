import { toAppError } from '@aeo/platform/errors';
import type { Stoppable } from '@aeo/platform/lifecycle';
import type { Logger } from '@aeo/platform/logger';
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
  const stopping = new AbortController();
  let last: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    last = last.then(() => age(ports, stopping.signal));
  }, ports.everyMs);
  return {
    name: 'unanswered absences',
    stop: async () => {
      clearInterval(timer);
      stopping.abort();
      await last;
    },
  };
}

async function age({ received, now, logger }: AgeingPorts, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  try {
    const rows = await received.ageAbsences(await now());
    if (rows === 0) return;
    logger.error('absences of a partner’s list have waited for too long, or were answered after all', {
      rows,
    });
    await received.activate(signal);
  } catch (error) {
    logger.warn('whether absences wait for too long cannot be told', { reason: toAppError(error).reason });
  }
}
