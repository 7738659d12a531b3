/** How many declarations of an office have one base score, and how many of them the threshold in force selected. */
export type ScoreCell = { office: string; base: number; count: number; selected: number };

export type ThresholdSettings = {
  /** Thousandths of an office's declarations that score may send to inspection. */
  capacityPermille: number;
  /** Thousandths, beyond capacity, that score may send to a check of documents. */
  documentPermille: number;
  /** Offices that expect fewer inspections in the window share one pool. */
  poolBelowExpected: number;
};

export type Thresholds = { red: number; yellow: number; declarations: number; selected: number };

export type ThresholdTable = { pooled: Thresholds; offices: Map<string, Thresholds> };

/** No score is this high. */
export const selectsNothing = 1001;

/** Thresholds from the base scores of one window. */
export function thresholdTable(cells: readonly ScoreCell[], settings: ThresholdSettings): ThresholdTable {
  const offices = new Map<string, Thresholds>();
  const pool: ScoreCell[] = [];
  for (const [office, group] of Map.groupBy(cells, (cell) => cell.office)) {
    const expected = (sum(group, ({ count }) => count) * settings.capacityPermille) / 1000;
    if (expected < settings.poolBelowExpected) pool.push(...group);
    else offices.set(office, thresholdsOf(group, settings));
  }
  return { pooled: thresholdsOf(pool, settings), offices };
}

/** The thresholds that hold for an office. */
export function thresholdsFor(table: ThresholdTable, office: string): Thresholds {
  return table.offices.get(office) ?? table.pooled;
}

function thresholdsOf(cells: ScoreCell[], settings: ThresholdSettings): Thresholds {
  const declarations = sum(cells, ({ count }) => count);
  const permille = correctedPermille(
    declarations,
    sum(cells, ({ selected }) => selected),
    settings,
  );
  // Without capacity no score is high enough, not even one higher than all before.
  const red =
    settings.capacityPermille === 0
      ? selectsNothing
      : lowestKeepingTo((declarations * permille) / 1000, cells);
  const yellow = lowestKeepingTo((declarations * (permille + settings.documentPermille)) / 1000, cells);
  const atOrAbove = cells.filter(({ base }) => base >= red);
  return { red, yellow, declarations, selected: sum(atOrAbove, ({ count }) => count) };
}

/** A correction is spread over a tenth of a window, and aims a little below capacity, as it acts with a delay. */
const horizonShare = 0.1;
const aimShare = 0.97;

/**
 * The share that may be selected next. Where the thresholds so far selected more than planned, since goods score
 * higher now than those the thresholds were made from, less is allowed until the window is within capacity again.
 */
function correctedPermille(
  declarations: number,
  selected: number,
  { capacityPermille }: ThresholdSettings,
): number {
  if (declarations === 0) return capacityPermille;
  const aim = (declarations * capacityPermille * aimShare) / 1000;
  const next = capacityPermille + (1000 * (aim - selected)) / (declarations * horizonShare);
  return Math.min(capacityPermille, Math.max(0, next));
}

/** The lowest threshold that selects no more than so many; equal scores are never split. */
function lowestKeepingTo(allowed: number, cells: ScoreCell[]): number {
  if (cells.length === 0) return selectsNothing;
  let selected = 0;
  for (const { base, count } of cells.toSorted((a, b) => b.base - a.base)) {
    selected += count;
    if (selected > allowed) return base + 1;
  }
  return 0;
}

function sum(cells: readonly ScoreCell[], value: (cell: ScoreCell) => number): number {
  return cells.reduce((total, cell) => total + value(cell), 0);
}
