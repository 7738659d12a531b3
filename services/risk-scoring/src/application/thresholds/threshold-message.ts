import { riskTables } from '@aeo/proto';
import type { Thresholds, ThresholdTable } from '../../domain/thresholds/threshold-table.ts';

export type TableSettings = { purpose: number; windowDays: number; capacityPermille: number; endsOn: string };

/** A table as it is stored and published. */
export function tableMessage(
  table: ThresholdTable,
  settings: TableSettings,
  version: bigint,
  computedAt: Date,
): riskTables.ThresholdTable {
  return riskTables.ThresholdTable.fromPartial({
    purpose: settings.purpose as riskTables.ThresholdTable['purpose'],
    version,
    computedAt,
    windowEndsOn: settings.endsOn,
    windowDays: settings.windowDays,
    capacityPermille: settings.capacityPermille,
    pooled: lanesOf(table.pooled),
    offices: [...table.offices]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([office, thresholds]) => ({ office, thresholds: lanesOf(thresholds) })),
  });
}

/** True where two tables send the same goods to the same lanes. */
export function sameThresholds(one: riskTables.ThresholdTable, other: riskTables.ThresholdTable): boolean {
  const lanes = ({ pooled, offices }: riskTables.ThresholdTable) =>
    JSON.stringify([
      [pooled?.red, pooled?.yellow],
      ...offices.map(({ office, thresholds }) => [office, thresholds?.red, thresholds?.yellow]),
    ]);
  return lanes(one) === lanes(other);
}

function lanesOf({ red, yellow, declarations, selected }: Thresholds): riskTables.LaneThresholds {
  return riskTables.LaneThresholds.fromPartial({
    red,
    yellow,
    windowDeclarations: BigInt(declarations),
    windowSelected: BigInt(selected),
  });
}
