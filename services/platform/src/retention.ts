import { toAppError } from './errors.ts';
import type { Stoppable } from './lifecycle.ts';

const everyMs = { usual: 60_000, busy: 1_000 };

/**
 * Forgets now and then what nobody asks for any more, sooner while more is left. A round that fails is told and tried
 * again after the usual time.
 *
 * @param forgetOld forgets a bounded number of rows; true where more may be left
 */
export function startRetention(
  forgetOld: () => Promise<boolean>,
  log: (message: string, fields: { reason: string }) => void,
): Stoppable {
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> = Promise.resolve();
  let stopped = false;
  const next = (waitMs: number) => {
    if (!stopped) timer = setTimeout(() => void (round = forget()), waitMs);
  };
  const forget = async () => {
    try {
      next((await forgetOld()) ? everyMs.busy : everyMs.usual);
    } catch (error) {
      log('nothing forgotten this time', { reason: toAppError(error).reason });
      next(everyMs.usual);
    }
  };
  next(everyMs.busy);
  return {
    name: 'forgetting',
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await round;
    },
  };
}
