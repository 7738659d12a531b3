import type { clearanceDecision } from '@aeo/proto';

/** Score-selected inspections of one office, or of the pool, in the last days of the file. */
type CapacityUse = {
  office: string;
  declarations: number;
  /** Shares of its declarations that score selects: before any credit, and after. */
  beforeCredits: number;
  afterCredits: number;
};

export type Capacity = {
  permille: number;
  windowDays: number;
  /** Over the whole run. */
  beforeCredits: number | null;
  afterCredits: number | null;
  lastWindow: CapacityUse[];
  /** The fullest of all windows that lie within the file, by what score selects before credits. */
  fullestWindow: (CapacityUse & { endsOn: string }) | null;
};

const windowDays = 30;
const poolBelowExpected = 20;
const dayMs = 86_400_000;

type Decision = clearanceDecision.Decision;

/** What score alone selects, by the recorded thresholds; rules and the random floor come on top. */
export function capacityOf(decisions: Decision[], permille: number): Capacity {
  const days = [...new Set(decisions.map(({ declaredOn }) => declaredOn))].sort();
  const windows = days
    .filter((day) => Date.parse(day) - Date.parse(days[0] ?? day) >= (windowDays - 1) * dayMs)
    .flatMap((endsOn) => usesOf(decisions, endsOn, permille).map((use) => ({ ...use, endsOn })));
  const fullest = windows.toSorted((one, other) => other.beforeCredits - one.beforeCredits)[0];
  const { beforeCredits, afterCredits } = shares(decisions);
  const lastWindow = usesOf(decisions, days.at(-1) ?? '', permille);
  return { permille, windowDays, beforeCredits, afterCredits, lastWindow, fullestWindow: fullest ?? null };
}

function usesOf(decisions: Decision[], endsOn: string, permille: number): CapacityUse[] {
  const recent = decisions.filter(({ declaredOn }) => {
    const age = Date.parse(endsOn) - Date.parse(declaredOn);
    return age >= 0 && age < windowDays * dayMs;
  });
  const offices: CapacityUse[] = [];
  const pool: Decision[] = [];
  for (const [office, group] of Map.groupBy(recent, (decision) => decision.office)) {
    if ((group.length * permille) / 1000 < poolBelowExpected) pool.push(...group);
    else offices.push({ office, ...shares(group) });
  }
  return [...offices, ...(pool.length === 0 ? [] : [{ office: 'pool', ...shares(pool) }])];
}

function shares(decisions: Decision[]) {
  const share = (score: 'base' | 'effective') =>
    decisions.filter(({ assessments }) => assessments.some((each) => each[score] >= each.thresholdRed))
      .length / Math.max(1, decisions.length);
  return {
    declarations: decisions.length,
    beforeCredits: share('base'),
    afterCredits: share('effective'),
  };
}
