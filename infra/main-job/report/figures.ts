import { common, type clearanceDecision } from '@aeo/proto';
import type { DeclarationsOutcome } from '../declarations/declarations-step.ts';
import { creditedParty } from './paired-effect.ts';
import type { Group, Report } from './report-types.ts';
import { countBy, quantile, wilson } from './statistics.ts';

const { Lane, NoBenefitReason } = common;

type Decision = clearanceDecision.Decision;

/** A decision with the outcome that its row has in the file. */
export type Scored = { decision: Decision; finding: boolean };

/** Decisions by the reason for which they gave no benefit. */
export function degradedOf(decisions: Decision[]): Record<string, number> {
  const nameOf = (reason: common.NoBenefitReason) =>
    Object.entries(NoBenefitReason).find(([, value]) => value === reason)?.[0] ?? String(reason);
  return countBy(
    decisions.flatMap(({ noBenefit }) => noBenefit),
    (reason) => nameOf(reason).toLowerCase(),
  );
}

export function lanesOf(decisions: Decision[]): Report['lanes'] {
  const count = (lane: number) => decisions.filter((decision) => decision.lane === lane).length;
  return {
    green: count(Lane.GREEN),
    yellow: count(Lane.YELLOW),
    red: count(Lane.RED),
    blue: count(Lane.BLUE),
  };
}

export function ruleHitsOf(decisions: Decision[]): Record<string, number> {
  return countBy(
    decisions.flatMap(({ ruleHits }) => ruleHits),
    ({ ruleId }) => ruleId,
  );
}

const statuses = ['none', 'tier-1', 'tier-2', 'partner'];

/** By the status that gave the credit; a declaration without a credit belongs to `none`. */
export function groupsOf(decisions: Decision[]): Group[] {
  const statusOf = (decision: Decision) => creditedParty(decision)?.status ?? 'none';
  return statuses.map((status) => {
    const group = decisions.filter((decision) => statusOf(decision) === status);
    const inspected = group.filter(({ lane }) => lane === Lane.RED).length;
    const rate = group.length === 0 ? null : inspected / group.length;
    return { status, declarations: group.length, inspected, rate, ci95: wilson(inspected, group.length) };
  });
}

export function findingsOf(scored: Scored[]): Report['findings'] {
  const share = (group: Scored[]) =>
    group.length === 0 ? null : group.filter(({ finding }) => finding).length / group.length;
  const inspected = scored.filter(({ decision }) => decision.lane === Lane.RED);
  const drawn = inspected.filter(({ decision }) => decision.draw?.selected === true);
  const waived = scored.filter(
    ({ decision }) => decision.laneWithoutStatus === Lane.RED && decision.lane !== Lane.RED,
  );
  return {
    inspected: inspected.length,
    found: inspected.filter(({ finding }) => finding).length,
    precision: share(inspected),
    randomPrecision: share(drawn),
    randomInspected: drawn.length,
    missedAmongWaived: waived.filter(({ finding }) => finding).length,
  };
}

export function suspensionOf(trials: DeclarationsOutcome['trials'], recorded: number): Report['suspension'] {
  const counted = trials.filter((trial) => trial.counted);
  const visible = counted.map(({ visibleMs }) => visibleMs).sort((a, b) => a - b);
  const lateOf = (kind: 'assess' | 'getPriority') =>
    trials.reduce((sum, { late: each }) => sum + each[kind], 0);
  const late = { ledger: recorded, assess: lateOf('assess'), getPriority: lateOf('getPriority') };
  return {
    trials: counted.length,
    notCounted: countBy(
      trials.filter((trial) => !trial.counted),
      ({ reason }) => reason,
    ),
    visibleMsP50: visible.length === 0 ? null : quantile(visible, 0.5),
    visibleMsP99: visible.length === 0 ? null : quantile(visible, 0.99),
    benefitsAfterBound: late.ledger + late.assess + late.getPriority,
    late,
  };
}
