import { toAppError } from '@aeo/platform/errors';
import type { Stoppable } from '@aeo/platform/lifecycle';
import { startPeriodic } from '@aeo/platform/periodic';
import { common } from '@aeo/proto';
import { publishThresholds, type ThresholdPorts } from './publish-thresholds.ts';

const purpose = common.Purpose.FISCAL_COMPLIANCE;

export type ThresholdLeader = Stoppable & {
  /** Reports that a score was recorded: without any, nothing is computed. */
  scored: () => void;
};

export type LeaderOptions = ThresholdPorts & {
  everyMs: number;
  log: (message: string, fields: Record<string, unknown>) => void;
};

/**
 * Follows the scores that declarations were decided on and publishes a new table whenever it would select differently.
 * Time is the declarations' own.
 */
export function startThresholdLeader(options: LeaderOptions): ThresholdLeader {
  let pending = false;
  const computing = startPeriodic({
    name: 'threshold leader',
    everyMs: options.everyMs,
    round: async () => {
      if (!pending) return;
      // Scores recorded while this round computes are for the next one.
      pending = false;
      // Another instance may have computed before the scores that are pending here.
      if (!(await publishThresholds(options, purpose))) pending = true;
    },
    onError: (error) => {
      pending = true;
      options.log('computing thresholds failed and is retried', {
        reason: toAppError(error).reason,
      });
    },
  });
  return {
    name: computing.name,
    scored: () => {
      pending = true;
    },
    stop: () => computing.stop(),
  };
}
