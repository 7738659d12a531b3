import { common, type clearanceDecision } from '../vocabulary.ts';

export type Decision = clearanceDecision.Decision;
type PurposeAssessment = clearanceDecision.PurposeAssessment;
const { Lane, NoBenefitReason, RuleClass, SelectionReason } = common;

/** The lane of goods whose score is not known. Never green or blue. */
const fallbackLane: common.Lane = Lane.YELLOW;

/** Reasons that end once freshness, score or ledger return. */
const degradations: readonly common.NoBenefitReason[] = [
  NoBenefitReason.STALE_STATUS,
  NoBenefitReason.SCORE_UNAVAILABLE,
  NoBenefitReason.LEDGER_UNAVAILABLE,
];

/**
 * The decision as a function of its record alone: takes the resolved inputs of a record, ignores the results it
 * may hold, and fills them in. Mandatory rules and the random draw stand above any credit.
 */
export function settle(record: Decision): Decision {
  const assessments = record.assessments.map((assessment) => assess(assessment, record));
  const withoutStatus = record.assessments.map((assessment) => withCredit(assessment, 0, -1));
  const lane = laneOf(record, assessments);
  return {
    ...record,
    assessments,
    lane,
    laneWithoutStatus: laneOf(record, withoutStatus),
    selection: selectionOf(record, assessments),
    provisional: isProvisional(record),
  };
}

/** True while a degradation stands that time may heal. */
export function isDegraded(decision: Pick<Decision, 'noBenefit'>): boolean {
  return decision.noBenefit.some((reason) => degradations.includes(reason));
}

function isProvisional(record: Decision): boolean {
  return record.stage !== common.Stage.PRESENTATION || isDegraded(record);
}

/** The best eligible party counts for a purpose, never a sum. */
function assess(assessment: PurposeAssessment, record: Decision): PurposeAssessment {
  const best = creditBarred(record) ? undefined : bestCredit(record.matches, assessment.purpose);
  if (best === undefined) return withCredit(assessment, 0, -1);
  const allowed = Math.floor((assessment.thresholdRed * best.sharePermille) / 1000);
  const credit = Math.min(assessment.base, allowed);
  return withCredit(assessment, credit, credit > 0 ? best.index : -1);
}

function creditBarred(record: Decision): boolean {
  return (
    record.noBenefit.includes(NoBenefitReason.LEDGER_UNAVAILABLE) ||
    record.noBenefit.includes(NoBenefitReason.SCORE_UNAVAILABLE)
  );
}

function bestCredit(matches: readonly clearanceDecision.PartyMatch[], purpose: common.Purpose) {
  let best: { index: number; sharePermille: number } | undefined;
  for (const [index, match] of matches.entries()) {
    if (match.outcome !== common.MatchOutcome.MATCHED) continue;
    for (const credit of match.credits) {
      if (credit.purpose !== purpose || credit.role !== match.role) continue;
      const sharePermille = Math.min(1000, Math.max(0, credit.sharePermille));
      if (best === undefined || sharePermille > best.sharePermille) best = { index, sharePermille };
    }
  }
  return best;
}

function withCredit(assessment: PurposeAssessment, credit: number, creditedMatch: number): PurposeAssessment {
  const effective = assessment.base - credit;
  return { ...assessment, credit, effective, creditedMatch, lane: scoreLane({ ...assessment, effective }) };
}

/** A red score waived by credit is released now and audited after clearance. */
function scoreLane(assessment: PurposeAssessment): common.Lane {
  if (assessment.effective >= assessment.thresholdRed) return Lane.RED;
  if (assessment.effective >= assessment.thresholdYellow) return Lane.YELLOW;
  return assessment.base >= assessment.thresholdRed ? Lane.BLUE : Lane.GREEN;
}

/** The strictest over rules, draw and purposes. Lanes are numbered by strictness. */
function laneOf(record: Decision, assessments: readonly PurposeAssessment[]): common.Lane {
  const lanes: number[] = [Lane.GREEN];
  for (const hit of record.ruleHits) lanes.push(laneOfRule(hit.ruleClass));
  if (record.draw?.selected === true) lanes.push(Lane.RED);
  if (record.noBenefit.includes(NoBenefitReason.SCORE_UNAVAILABLE)) lanes.push(fallbackLane);
  for (const assessment of assessments) lanes.push(assessment.lane);
  return Math.max(...lanes) as common.Lane;
}

/** The lane a rule asks for at least. A class that this version does not know asks for the documents. */
export function laneOfRule(ruleClass: common.RuleClass): common.Lane {
  return ruleLanes[ruleClass] ?? Lane.YELLOW;
}

const ruleLanes: Record<number, common.Lane> = {
  [RuleClass.LEGAL_CONTROL]: Lane.RED,
  [RuleClass.SPECIFIC_THREAT]: Lane.RED,
  [RuleClass.DOCUMENT_CHECK]: Lane.YELLOW,
  [RuleClass.POST_CLEARANCE_AUDIT]: Lane.BLUE,
  [RuleClass.INDICATOR]: Lane.GREEN,
};

function selectionOf(record: Decision, assessments: readonly PurposeAssessment[]): common.SelectionReason {
  const hit = (ruleClass: common.RuleClass) => record.ruleHits.some((rule) => rule.ruleClass === ruleClass);
  if (hit(RuleClass.LEGAL_CONTROL)) return SelectionReason.LEGAL_CONTROL;
  if (hit(RuleClass.SPECIFIC_THREAT)) return SelectionReason.SPECIFIC_THREAT;
  if (record.draw?.selected === true) return SelectionReason.RANDOM;
  if (assessments.some((assessment) => assessment.lane === Lane.RED)) return SelectionReason.SCORE;
  return SelectionReason.UNSPECIFIED;
}
