import { toAppError } from '@aeo/platform/errors';
import type { Stoppable } from '@aeo/platform/lifecycle';
import { startPeriodic } from '@aeo/platform/periodic';
import { common } from '@aeo/proto';
import { thresholdTable } from '../../domain/thresholds/threshold-table.ts';
import type { Ports } from '../../ports.ts';
import { sameThresholds, tableMessage } from './threshold-message.ts';

/** Offices that expect fewer inspections in a window share a pool; beyond capacity a tenth have documents checked. */
export const thresholdDefaults = { documentPermille: 100, poolBelowExpected: 20 };

export const windowDays = 30;

/** Scores are kept for twice the window, as its end may move back a little. */
export const scoreKeptDays = 2 * windowDays;

export type ThresholdLeader = Stoppable & {
  /** Tells that a score was recorded: without any, nothing is computed. */
  scored: () => void;
};

export type LeaderOptions = {
  leadThresholds: Ports['leadThresholds'];
  everyMs: number;
  now: () => Date;
  log: (message: string, fields: Record<string, unknown>) => void;
};

/**
 * Follows the scores declarations were decided on and publishes a new table whenever it would select differently.
 * Time is the declarations' own.
 */
export function startThresholdLeader(options: LeaderOptions): ThresholdLeader {
  let pending = false;
  const computing = startPeriodic({
    name: 'threshold leader',
    everyMs: options.everyMs,
    round: async () => {
      if (!pending) return;
      pending = false;
      // Another instance may have computed before the scores that are pending here.
      if (!(await computeOnce(options))) pending = true;
    },
    onError: (error) => {
      pending = true;
      options.log('the computation of thresholds failed and is retried', {
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

function computeOnce({ leadThresholds, now }: LeaderOptions): Promise<boolean> {
  const purpose = common.Purpose.FISCAL_COMPLIANCE;
  return leadThresholds(purpose, ({ endsOn, cells, table: held }) => {
    const { capacityPermille, windowDays } = held;
    const computed = thresholdTable(cells, { ...thresholdDefaults, capacityPermille });
    const make = (version: bigint) =>
      tableMessage(computed, { purpose, windowDays, capacityPermille, endsOn }, version, now());
    return sameThresholds(make(held.version), held) ? undefined : make;
  });
}
