import type { common, riskTables } from './vocabulary.ts';
import type { PurposeThresholds } from './decision/decide.ts';

/** The newest threshold table of each purpose, as published by risk-scoring. */
export type ThresholdBook = {
  /** False where the table is not newer than the one held. */
  apply(table: riskTables.ThresholdTable): boolean;
  /** Thresholds of an office, or those of the pool; undefined before any table was read. */
  find(purpose: common.Purpose, office: string): PurposeThresholds | undefined;
};

type Entry = { version: bigint; pooled: Lanes; offices: Map<string, Lanes> };
type Lanes = { red: number; yellow: number };

/** Nothing scores this high; a table that leaves a threshold out selects nothing by score. */
const selectsNothing = 1001;

export function createThresholdBook(): ThresholdBook {
  const tables = new Map<common.Purpose, Entry>();
  return {
    apply(table) {
      if (table.version <= (tables.get(table.purpose)?.version ?? 0n)) return false;
      const offices = new Map(table.offices.map((each) => [each.office, lanesOf(each.thresholds)]));
      tables.set(table.purpose, { version: table.version, pooled: lanesOf(table.pooled), offices });
      return true;
    },
    find(purpose, office) {
      const table = tables.get(purpose);
      if (table === undefined) return undefined;
      const { red, yellow } = table.offices.get(office) ?? table.pooled;
      return { red, yellow, tableVersion: table.version };
    },
  };
}

function lanesOf(thresholds: riskTables.LaneThresholds | undefined): Lanes {
  return { red: thresholds?.red ?? selectsNothing, yellow: thresholds?.yellow ?? selectsNothing };
}
