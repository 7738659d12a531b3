import type { common, riskTables } from '../vocabulary.ts';
import type { PurposeThresholds } from './decide.ts';

/** The newest threshold table of each purpose, as published by risk-scoring. */
export type ThresholdBook = {
  /** False where the table is not newer than the one held. */
  apply(table: riskTables.ThresholdTable): boolean;
  /** Thresholds of an office, or those of the pool; undefined where no table, or not the one held, names them. */
  find(purpose: common.Purpose, office: string): PurposeThresholds | undefined;
};

type Lanes = riskTables.LaneThresholds | undefined;
type Entry = { version: bigint; pooled: Lanes; offices: Map<string, Lanes> };

export function createThresholdBook(): ThresholdBook {
  const tables = new Map<common.Purpose, Entry>();
  return {
    apply(table) {
      if (table.version <= (tables.get(table.purpose)?.version ?? 0n)) return false;
      const offices = new Map(table.offices.map((each) => [each.office, each.thresholds]));
      tables.set(table.purpose, { version: table.version, pooled: table.pooled, offices });
      return true;
    },
    find(purpose, office) {
      const table = tables.get(purpose);
      if (table === undefined) return undefined;
      const lanes = table.offices.has(office) ? table.offices.get(office) : table.pooled;
      return lanes && { red: lanes.red, yellow: lanes.yellow, tableVersion: table.version };
    },
  };
}
