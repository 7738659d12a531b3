import { common } from '@aeo/proto';
import { expect, test } from 'vitest';
import { matchUnder } from './conditions.ts';

const { BenefitCondition, MatchOutcome, PartyRole, Purpose } = common;
const credits = [
  common.Credit.fromPartial({
    purpose: Purpose.FISCAL_COMPLIANCE,
    role: PartyRole.IMPORTER,
    sharePermille: 650,
  }),
];
const party = (activationDeclared: boolean) => ({
  role: PartyRole.IMPORTER,
  identifier: undefined,
  activationDeclared,
});

test('without conditions a status in good standing counts', () => {
  expect(matchUnder([], party(false), { credits })).toMatchObject({
    outcome: MatchOutcome.MATCHED,
    credits,
    unmetConditions: [],
  });
});

test('a status that must be claimed counts only where it is', () => {
  const conditions = [BenefitCondition.ACTIVATION_DECLARED];
  expect(matchUnder(conditions, party(true), { credits })).toMatchObject({ credits, unmetConditions: [] });
  expect(matchUnder(conditions, party(false), { credits })).toMatchObject({
    outcome: MatchOutcome.MATCHED,
    credits: [],
    unmetConditions: conditions,
  });
});

test.each([
  [BenefitCondition.NAME_AGREES, MatchOutcome.INCONSISTENT_NAME],
  [BenefitCondition.MANIFEST_AGREES, MatchOutcome.MANIFEST_MISMATCH],
  [99 as common.BenefitCondition, MatchOutcome.MATCHED],
])('what cannot be checked, or is not known, gives no credit: %s', (condition, outcome) => {
  const found = matchUnder([condition], party(true), { credits });
  expect(found).toMatchObject({ outcome, credits: [], unmetConditions: [condition] });
});
