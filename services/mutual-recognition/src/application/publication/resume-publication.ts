import { setTimeout as pause } from 'node:timers/promises';
import { toAppError } from '@aeo/platform/errors';
import type { Stoppable } from '@aeo/platform/lifecycle';
import type { Logger } from '@aeo/platform/logger';
import type { ReceivedLists } from '../../ports.ts';

const againMs = 1_000;

/** Publishes what a process before this one accepted and did not get to publish; tries until it is done. */
export function resumePublication(received: Pick<ReceivedLists, 'activate'>, logger: Logger): Stoppable {
  const stopping = new AbortController();
  const { signal } = stopping;
  const ended = (async () => {
    while (!signal.aborted) {
      try {
        return await received.activate(signal);
      } catch (error) {
        if (signal.aborted) return;
        logger.warn('what is owed to the status topic waits', { reason: toAppError(error).reason });
        await pause(againMs, undefined, { signal }).catch(() => undefined);
      }
    }
  })();
  return {
    name: 'resumed publication',
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}
