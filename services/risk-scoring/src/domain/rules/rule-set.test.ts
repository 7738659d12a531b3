import { expect, test } from 'vitest';
import { hitsOf, isMandatory, type RiskRule } from './rule-set.ts';

const ruleOf = (extra: Partial<RiskRule>): RiskRule => ({
  id: 'heavy',
  version: 1,
  class: 'indicator',
  purpose: 'other_legal',
  expression: '',
  texts: {},
  ...extra,
});
const heavy = (rule: RiskRule) => ({
  rule,
  evaluate: (mass: number | undefined) => ({
    outcome: mass === undefined ? ('unknown' as const) : mass > 100 ? ('met' as const) : ('not_met' as const),
    factsRead: ['mass'],
  }),
});
const at = new Date('2026-01-01T00:00:00Z');

test('one item is enough for a hit, and a rule hits once', () => {
  const hits = hitsOf([heavy(ruleOf({}))], [1, 200, 300], at);
  expect(hits).toEqual([{ rule: ruleOf({}), facts: 200, factsRead: ['mass'] }]);
});

test('an item that cannot be evaluated is no hit, and does not hide one', () => {
  expect(hitsOf([heavy(ruleOf({}))], [undefined, 1], at)).toEqual([]);
  expect(hitsOf([heavy(ruleOf({}))], [undefined, 200], at)).toHaveLength(1);
});

test.each([
  ['before its first instant', { validFrom: '2026-01-01T00:00:01Z' }, 0],
  ['at its first instant', { validFrom: '2026-01-01T00:00:00Z' }, 1],
  ['just before its end', { validUntil: '2026-01-01T00:00:01Z' }, 1],
  ['at its end', { validUntil: '2026-01-01T00:00:00Z' }, 0],
])('%s a rule is in force or not', (_, validity, hits) => {
  expect(hitsOf([heavy(ruleOf(validity))], [200], at)).toHaveLength(hits);
});

test('legal controls and specific threats are mandatory, no other class is', () => {
  const classes = [
    'legal_control',
    'specific_threat',
    'document_check',
    'post_clearance_audit',
    'indicator',
  ] as const;
  expect(classes.filter((each) => isMandatory({ class: each }))).toEqual([
    'legal_control',
    'specific_threat',
  ]);
});
