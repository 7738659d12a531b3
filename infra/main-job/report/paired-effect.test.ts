import { clearanceDecision, common } from '@aeo/proto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { creditedParty, inspectedAt, pairedEffects } from './paired-effect.ts';

const purpose = common.Purpose.FISCAL_COMPLIANCE;

function decision(base: number, sharePermille: number, selected = false): clearanceDecision.Decision {
  const role = common.PartyRole.IMPORTER;
  return clearanceDecision.Decision.fromPartial({
    draw: { selected },
    matches: [
      { role, tier: 'tier-2', operatorId: `O-${base % 7}`, credits: [{ purpose, role, sharePermille }] },
    ],
    assessments: [{ purpose, base, thresholdRed: 300, creditedMatch: sharePermille > 0 ? 0 : -1 }],
  });
}

test('a status takes its share of the threshold off the base score', () => {
  expect(inspectedAt(decision(494, 650), 0)).toBe(true);
  expect(inspectedAt(decision(494, 650), 1)).toBe(false);
  expect(inspectedAt(decision(495, 650), 1)).toBe(true);
  expect(inspectedAt(decision(495, 650), 1.5)).toBe(false);
});

test('the draw and mandatory rules are not lifted by any status', () => {
  expect(inspectedAt(decision(0, 650, true), 1.5)).toBe(true);
  const legal = { ...decision(0, 650), ruleHits: [{ ruleClass: common.RuleClass.LEGAL_CONTROL }] };
  expect(inspectedAt(clearanceDecision.Decision.fromPartial(legal), 1.5)).toBe(true);
});

test('more credit never adds an inspection', () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.integer({ min: 1, max: 1000 }), (base, share) => {
      const inspected = [0, 0.5, 1, 1.5].map((scale) => Number(inspectedAt(decision(base, share), scale)));
      expect(inspected).toEqual(inspected.toSorted((a, b) => b - a));
    }),
  );
});

test('every group is there, the empty ones too, and the price is counted', () => {
  const scored = [310, 480, 600].map((base) => ({ decision: decision(base, 650), finding: true }));
  const effects = pairedEffects(scored, 1);
  expect(effects).toHaveLength(3 * 6 * 3);
  const find = (status: string, party: string) =>
    effects.find((each) => each.status === status && each.party === party && each.scale === 1);
  expect(find('tier-2', 'importer-only')).toMatchObject({
    declarations: 3,
    inspectedWith: 1,
    inspectedWithout: 3,
    missedFindings: 2,
  });
  expect(find('partner', 'all')).toMatchObject({ declarations: 0, ratio: null, ci95: null });
});

test('without a credited match there is no status', () => {
  expect(creditedParty(decision(400, 0))).toBeUndefined();
});
