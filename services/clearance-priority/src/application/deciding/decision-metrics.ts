import { AppError } from '@aeo/platform/errors';
import { countOne, recordDuration, recordSeconds } from '@aeo/platform/metrics';
import { common } from '@aeo/proto';
import { creditedParty } from '../../domain/decision/credited-party.ts';
import { sourceOf } from '../../domain/decision/decide.ts';
import type { Decision } from '../../domain/decision/settle.ts';
import type { Batcher, Result } from '../../ports.ts';

const { Lane, NoBenefitReason, SelectionReason } = common;

/** Counts a new decision and measures how old the view behind it was, by the clock that dates it. */
export function measureDecision(decision: Decision, outcome: 'recorded' | 'unrecorded', at: Date): void {
  countOne('aeo.decision.count', { ...countedAs(decision), outcome });
  for (const { source, seconds } of stalenessOf(decision, at))
    recordSeconds('aeo.decision.staleness', seconds, { source });
}

/** Measures how long each declaration waited for its answer, in the queue and in the batch. */
export function measuredBatcher(batcher: Batcher): Batcher {
  return {
    assess: async (request, mode = 'once') => {
      const startedMs = performance.now();
      const result = await batcher.assess(request, mode);
      recordDuration('aeo.decision.duration', startedMs, { mode, outcome: outcomeOf(result) });
      return result;
    },
  };
}

function outcomeOf(result: Result): string {
  if (result instanceof AppError) return result.code;
  return result.decidedAt === undefined ? 'unrecorded' : 'recorded';
}

const lanes: Record<number, string> = {
  [Lane.GREEN]: 'green',
  [Lane.BLUE]: 'blue',
  [Lane.YELLOW]: 'yellow',
  [Lane.RED]: 'red',
};

const selections: Record<number, string> = {
  [SelectionReason.LEGAL_CONTROL]: 'legal_control',
  [SelectionReason.SPECIFIC_THREAT]: 'specific_threat',
  [SelectionReason.RANDOM]: 'random',
  [SelectionReason.SCORE]: 'score',
  [SelectionReason.OFFICER]: 'officer',
};

/** Where several hold, the first of these is reported: the worst for most declarations comes first. */
const reasons: readonly [common.NoBenefitReason, string][] = [
  [NoBenefitReason.LEDGER_UNAVAILABLE, 'ledger_unavailable'],
  [NoBenefitReason.SCORE_UNAVAILABLE, 'score_unavailable'],
  [NoBenefitReason.STALE_STATUS, 'stale_status'],
  [NoBenefitReason.ACTIVATION_MISSING, 'activation_missing'],
];

/** The labels of a decision: closed lists alone, and of a partner only that it was one. */
export function countedAs(decision: Decision) {
  const { source } = creditedParty(decision);
  return {
    lane: lanes[decision.lane] ?? 'other',
    reason: reasons.find(([reason]) => decision.noBenefit.includes(reason))?.[1] ?? 'none',
    selection: selections[decision.selection] ?? 'none',
    credit: source === '' ? 'none' : sourceOf({ source }),
    probe: String(decision.probe),
  };
}

/** A source without any heartbeat has no age. */
export function stalenessOf(decision: Decision, at: Date): { source: string; seconds: number }[] {
  return decision.freshness.flatMap(({ source, asOf }) =>
    asOf === undefined ? [] : [{ source, seconds: Math.max(0, at.getTime() - asOf.getTime()) / 1000 }],
  );
}
