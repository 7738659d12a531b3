import type { riskTables } from '@aeo/proto';
import { thresholdDefaults } from '../../domain/thresholds/threshold-settings.ts';
import { thresholdTable } from '../../domain/thresholds/threshold-table.ts';
import type { Ports, ScoreWindow } from '../../ports.ts';
import { sameThresholds, tableMessage } from './threshold-message.ts';

export type ThresholdPorts = Pick<Ports, 'tryWithThresholds'> & { now: () => Date };

/**
 * Publishes the table of the present window where it would select differently from the one in force. Before the first
 * training there is nothing to compute.
 *
 * @returns false where another instance leads: it may not have seen the newest scores
 */
export function publishThresholds(
  { tryWithThresholds, now }: ThresholdPorts,
  purpose: number,
): Promise<boolean> {
  return tryWithThresholds(async (unit) => {
    const window = await unit.readWindow(purpose);
    if (window === undefined) return;
    const computed = tableOf(window, purpose, now());
    if (sameThresholds(computed, window.table)) return;
    await unit.publishTable({ ...computed, version: await unit.nextTableVersion(purpose) });
  });
}

/** The table of a window, under the version of the one in force. */
function tableOf(
  { cells, endsOn, table }: ScoreWindow,
  purpose: number,
  now: Date,
): riskTables.ThresholdTable {
  const { capacityPermille, windowDays, version } = table;
  const computed = thresholdTable(cells, { ...thresholdDefaults, capacityPermille });
  return tableMessage(computed, { purpose, windowDays, capacityPermille, endsOn }, version, now);
}
