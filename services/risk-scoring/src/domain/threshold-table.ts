/** A base score on record. `declaredOn` is yyyy-mm-dd in the declarations' own time. */
export type RecordedScore = { office: string; declaredOn: string; base: number };

export type ThresholdSettings = {
  /** Thousandths of an office's declarations that score may send to inspection. */
  capacityPermille: number;
  /** Thousandths, beyond capacity, that score may send to a check of documents. */
  documentPermille: number;
  windowDays: number;
  /** Offices that expect fewer inspections in the window share one pool. */
  poolBelowExpected: number;
};

export type Thresholds = { red: number; yellow: number; declarations: number; selected: number };

export type ThresholdTable = { windowEndsOn: string; pooled: Thresholds; offices: Map<string, Thresholds> };

/** Nothing scores this high: it selects nothing. */
export const selectsNothing = 1001;

const dayMs = 86_400_000;

/** Thresholds from the base scores of the window that ends with the newest day on record. */
export function thresholdTable(
  scores: readonly RecordedScore[],
  settings: ThresholdSettings,
): ThresholdTable {
  const windowEndsOn = scores.reduce(
    (latest, { declaredOn }) => (declaredOn > latest ? declaredOn : latest),
    '',
  );
  const recent = scores.filter(({ declaredOn }) => isWithin(declaredOn, windowEndsOn, settings.windowDays));
  const offices = new Map<string, Thresholds>();
  const pool: number[] = [];
  for (const [office, group] of Map.groupBy(recent, (each) => each.office)) {
    const bases = group.map(({ base }) => base);
    const expected = (bases.length * settings.capacityPermille) / 1000;
    if (expected < settings.poolBelowExpected) pool.push(...bases);
    else offices.set(office, thresholdsOf(bases, settings));
  }
  return { windowEndsOn, pooled: thresholdsOf(pool, settings), offices };
}

function isWithin(day: string, lastDay: string, windowDays: number): boolean {
  return Date.parse(lastDay) - Date.parse(day) < windowDays * dayMs;
}

function thresholdsOf(bases: number[], settings: ThresholdSettings): Thresholds {
  const descending = bases.toSorted((a, b) => b - a);
  const red = lowestKeepingTo(settings.capacityPermille, descending);
  const yellow = lowestKeepingTo(settings.capacityPermille + settings.documentPermille, descending);
  return { red, yellow, declarations: bases.length, selected: bases.filter((base) => base >= red).length };
}

/** The lowest threshold that selects no more than this share; equal scores are never split. */
function lowestKeepingTo(permille: number, descending: number[]): number {
  const allowed = Math.floor((descending.length * permille) / 1000);
  if (descending.length === 0) return selectsNothing;
  const firstNotAllowed = descending[allowed];
  return firstNotAllowed === undefined ? 0 : firstNotAllowed + 1;
}
