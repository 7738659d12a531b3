import { expect, test } from 'vitest';
import { clearanceDecision, common } from '../vocabulary.ts';
import { isOpen, hasSameOutcome } from './same-outcome.ts';

const { Lane, NoBenefitReason, SelectionReason, Stage } = common;
const at = (day: number) => new Date(Date.UTC(2021, 0, day));

const held = {
  declarationId: 'D1',
  version: 1,
  revision: 1,
  lane: Lane.YELLOW,
  evaluatedAt: at(1),
  freshness: [{ source: 'registry', asOf: at(1) }],
  matches: [{ operatorId: 'one', credits: [{ sharePermille: 300 }] }],
  assessments: [{ base: 250, credit: 0, effective: 250, thresholdRed: 300, creditedMatch: -1 }],
  noBenefit: [NoBenefitReason.STALE_STATUS],
  features: [{ name: 'feature' }],
  modelVersion: 1n,
};
const decisionOf = (changes: object = {}) =>
  clearanceDecision.Decision.decode(
    clearanceDecision.Decision.encode(
      clearanceDecision.Decision.fromPartial({ ...held, ...changes }),
    ).finish(),
  );

test.each([
  ['revision and time', { revision: 2, evaluatedAt: at(2) }],
  ['freshness', { freshness: [{ source: 'registry', asOf: at(2) }] }],
  ['model and features', { features: [], modelVersion: 2n, ruleSetVersion: 2, mandatorySetVersion: 2 }],
  ['points', { assessments: [{ ...held.assessments[0], base: 260, effective: 260, thresholdRed: 310 }] }],
])('another %s says nothing new', (_, changes) => {
  expect(hasSameOutcome(decisionOf(changes), decisionOf())).toBe(true);
});

test.each([
  ['lane', { lane: Lane.RED }],
  ['selection', { selection: SelectionReason.RANDOM }],
  ['match', { matches: [{ operatorId: 'one', outcome: common.MatchOutcome.SUSPENDED }] }],
  ['share of a credit', { matches: [{ operatorId: 'one', credits: [{ sharePermille: 650 }] }] }],
  ['credited party', { assessments: [{ ...held.assessments[0], creditedMatch: 0 }] }],
  ['reason without benefit', { noBenefit: [] }],
  ['rule that was met', { ruleHits: [{ ruleId: 'rule' }] }],
])('another %s is news', (_, changes) => {
  expect(hasSameOutcome(decisionOf(changes), decisionOf())).toBe(false);
});

test.each([
  [Stage.PRE_ARRIVAL, true, Lane.RED, true],
  [Stage.PRESENTATION, true, Lane.YELLOW, true],
  [Stage.PRESENTATION, true, Lane.RED, false],
  [Stage.PRESENTATION, true, Lane.GREEN, false],
  [Stage.PRESENTATION, true, Lane.BLUE, false],
  [Stage.PRESENTATION, false, Lane.YELLOW, false],
])('at stage %i, provisional %s, lane %i: open is %s', (stage, provisional, lane, open) => {
  expect(isOpen({ stage, provisional, lane })).toBe(open);
});
