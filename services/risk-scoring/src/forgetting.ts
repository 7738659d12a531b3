import { toAppError } from '@aeo/platform/errors';
import type { Stoppable } from '@aeo/platform/lifecycle';
import type { Kept, Ports } from './ports.ts';
import { scoreKeptDays } from './threshold-leader.ts';

/** Three years, for which customs may come back to a declaration (as Article 103 of the Union Customs Code has it). */
const feedbackKeptDays = 1_096;

const kept: Kept = { scoreDays: scoreKeptDays, feedbackDays: feedbackKeptDays };
const everyMs = { usual: 60_000, busy: 1_000 };

/** Forgets now and then what nobody asks for any more, sooner while more is left. */
export function startForgetting(
  forgetOld: Ports['forgetOld'],
  log: (message: string, fields: Record<string, unknown>) => void,
): Stoppable {
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> = Promise.resolve();
  let stopped = false;
  const next = (waitMs: number) => {
    if (!stopped) timer = setTimeout(() => void (round = forget()), waitMs);
  };
  const forget = async () => {
    try {
      next((await forgetOld(kept)) ? everyMs.busy : everyMs.usual);
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
