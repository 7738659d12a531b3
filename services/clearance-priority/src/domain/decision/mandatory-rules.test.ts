import { declaration, riskTables } from '@aeo/proto';
import { expect, test } from 'vitest';
import { createMandatoryRules } from './mandatory-rules.ts';
import { common, type ItemFacts } from '../vocabulary.ts';

const { LEGAL_CONTROL, DOCUMENT_CHECK } = common.RuleClass;
const at = new Date('2026-01-01T00:00:00Z');

/** Compiles `dear`: more than ten units of value a kilogram, which nobody knows of goods without a mass. */
const compile = () => (facts: ItemFacts) => {
  const price = facts.pricePerKilogram;
  const outcome = price === undefined ? 'unknown' : Number(price) > 10 ? 'met' : 'not_met';
  return { outcome, factsRead: ['pricePerKilogram'] };
};
const rule = (extra: Partial<riskTables.MandatoryRule> = {}) =>
  riskTables.MandatoryRule.fromPartial({
    ruleId: 'dear',
    version: 1,
    ruleClass: LEGAL_CONTROL,
    setVersion: 1,
    setSize: 1,
    ...extra,
  });
const goods = (netMassGrams: bigint, price: bigint) =>
  declaration.Declaration.fromPartial({
    items: [{ hs6: '010101', netMassGrams, price: { currency: 'KRW', minorUnits: price } }],
  });

function classesOf(extra: Partial<riskTables.MandatoryRule>, declared: declaration.Declaration) {
  const rules = createMandatoryRules(compile);
  rules.apply(rule(extra));
  return rules.hits(declared, at).map(({ ruleClass }) => ruleClass);
}

test('a rule that is met has its class, one that is not has no hit', () => {
  expect(classesOf({}, goods(1_000n, 11n))).toEqual([LEGAL_CONTROL]);
  expect(classesOf({}, goods(1_000n, 9n))).toEqual([]);
});

test('a rule that cannot be answered asks for the documents', () => {
  expect(classesOf({}, goods(0n, 11n))).toEqual([DOCUMENT_CHECK]);
  const rules = createMandatoryRules(compile);
  rules.apply(rule());
  const unanswered = (mass: bigint) => rules.hits(goods(mass, 11n), at).map((hit) => hit.unanswered);
  expect([unanswered(0n), unanswered(1_000n)]).toEqual([[true], [false]]);
});

test('a rule acts only while it is in force, and not once it is withdrawn', () => {
  const dear = goods(1_000n, 11n);
  const instant = (seconds: number) => new Date(at.getTime() + seconds * 1_000);
  expect(classesOf({ validity: { validFrom: instant(1) } as common.Validity }, dear)).toEqual([]);
  expect(classesOf({ validity: { validUntil: instant(0) } as common.Validity }, dear)).toEqual([]);
  expect(classesOf({ validity: { validFrom: instant(0) } as common.Validity }, dear)).toEqual([
    LEGAL_CONTROL,
  ]);
  expect(classesOf({ withdrawn: true }, dear)).toEqual([]);
});
