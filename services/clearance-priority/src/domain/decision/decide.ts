import { common, type declaration, type riskService } from '../vocabulary.ts';
import type { RandomDraw } from './draw.ts';
import type { PartyMatch } from '../status-view/match.ts';
import { laneOfRule, settle, type Decision } from './settle.ts';

/** Red and yellow thresholds of one purpose at the declaration's office. */
export type PurposeThresholds = { red: number; yellow: number; tableVersion: bigint };

/** Every resolved input of a decision. */
export type DecisionInputs = {
  declaration: declaration.Declaration;
  contentHash: Buffer;
  stage: common.Stage;
  probe: boolean;
  revision: number;
  draw: RandomDraw;
  matches: PartyMatch[];
  /** Credits of these sources are left out: the source is not fresh enough. */
  staleSources: ReadonlySet<'registry' | 'exchange'>;
  mandatoryHits: riskService.RuleHit[];
  mandatorySetVersion: number;
  /** Undefined where risk-scoring did not answer in time. */
  score: riskService.Score | undefined;
  thresholds: (purpose: common.Purpose) => PurposeThresholds | undefined;
  ledgerAvailable: boolean;
  evaluatedAt: Date;
  freshness: { source: string; asOf: Date | undefined }[];
};

/** Resolves the inputs into a record and settles it. */
export function decide(inputs: DecisionInputs): Decision {
  const assessments = assessmentsOf(inputs);
  const scoreKnown = inputs.score !== undefined && assessments !== undefined;
  return settle({
    ...declaredFields(inputs),
    noBenefit: noBenefitOf(inputs, scoreKnown),
    matches: inputs.matches.map((match) => (isStale(match, inputs) ? { ...match, credits: [] } : match)),
    assessments: scoreKnown ? assessments : [],
    ruleHits: distinctHits([...inputs.mandatoryHits, ...(inputs.score?.ruleHits ?? [])]),
    features: inputs.score?.features ?? [],
    modelId: inputs.score?.modelId ?? '',
    modelVersion: inputs.score?.modelVersion ?? 0n,
    ruleSetVersion: inputs.score?.ruleSetVersion ?? 0,
    mandatorySetVersion: inputs.mandatorySetVersion,
    draw: inputs.draw,
    evaluatedAt: inputs.evaluatedAt,
    freshness: inputs.freshness,
    provisional: false,
    lane: common.Lane.UNSPECIFIED,
    laneWithoutStatus: common.Lane.UNSPECIFIED,
    selection: common.SelectionReason.UNSPECIFIED,
  });
}

/** Which source answers for a match. */
export function sourceOf(match: Pick<PartyMatch, 'source'>): 'registry' | 'exchange' {
  return match.source === 'registry' ? 'registry' : 'exchange';
}

function declaredFields(inputs: DecisionInputs) {
  const { declarationId, version, kind, office, declaredOn, transportDocument } = inputs.declaration;
  const { revision, stage, contentHash, probe } = inputs;
  return {
    declarationId,
    version,
    revision,
    stage,
    contentHash,
    kind,
    office,
    declaredOn,
    probe,
    transportDocument,
  };
}

function isStale(match: PartyMatch, inputs: DecisionInputs): boolean {
  return inputs.staleSources.has(sourceOf(match));
}

/** Stale only where it may have cost a party something: a party with an identifier of that source. */
function noBenefitOf(inputs: DecisionInputs, scoreKnown: boolean): common.NoBenefitReason[] {
  const { MatchOutcome, NoBenefitReason } = common;
  const stale = inputs.matches.some(
    (match) =>
      (match.source !== '' && isStale(match, inputs)) ||
      (match.operatorId !== '' && match.outcome === MatchOutcome.STALE_LIST),
  );
  const inactive = inputs.matches.some(({ unmetConditions }) =>
    unmetConditions.includes(common.BenefitCondition.ACTIVATION_DECLARED),
  );
  return [
    ...(stale ? [NoBenefitReason.STALE_STATUS] : []),
    ...(inactive ? [NoBenefitReason.ACTIVATION_MISSING] : []),
    ...(scoreKnown ? [] : [NoBenefitReason.SCORE_UNAVAILABLE]),
    ...(inputs.ledgerAvailable ? [] : [NoBenefitReason.LEDGER_UNAVAILABLE]),
  ];
}

/** Undefined where a scored purpose has no threshold: a score nobody can judge counts as unavailable. */
function assessmentsOf(inputs: DecisionInputs): Decision['assessments'] | undefined {
  const assessments: Decision['assessments'] = [];
  for (const { purpose, base, modelId, modelVersion, itemNumber } of inputs.score?.scores ?? []) {
    const thresholds = inputs.thresholds(purpose);
    if (thresholds === undefined) return undefined;
    assessments.push({
      purpose,
      base,
      credit: 0,
      effective: base,
      thresholdRed: thresholds.red,
      thresholdYellow: thresholds.yellow,
      thresholdTableVersion: thresholds.tableVersion,
      creditedMatch: -1,
      lane: common.Lane.UNSPECIFIED,
      modelId,
      modelVersion,
      itemNumber,
    });
  }
  return assessments.length > 0 ? assessments : undefined;
}

/** Each rule once: where this node and the scorer answered differently, the stricter answer counts. */
function distinctHits(hits: readonly riskService.RuleHit[]): riskService.RuleHit[] {
  const byRule = new Map<string, riskService.RuleHit>();
  for (const hit of hits) {
    const held = byRule.get(hit.ruleId);
    if (held === undefined || laneOfRule(hit.ruleClass) > laneOfRule(held.ruleClass))
      byRule.set(hit.ruleId, hit);
  }
  return [...byRule.values()];
}
