import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clearanceDecision, common, declaration, riskService } from '@aeo/proto';
import { partyMatch } from '../status-view/match.ts';
import { decide, type DecisionInputs } from './decide.ts';
import { dayKey, drawRandom } from './draw.ts';
import { replay } from './replay.ts';

const { Lane, MatchOutcome, NoBenefitReason, PartyRole, Purpose, RuleClass, SelectionReason, Stage } = common;
const purpose = Purpose.FISCAL_COMPLIANCE;
const at = new Date('2021-01-04T10:00:00Z');

const notDrawn = {
  keyId: 'key',
  day: '2021-01-04',
  probabilityPpm: 10_000,
  selected: false,
  valuePpm: 500_000,
};

function match(role: common.PartyRole, sharePermille: number) {
  const identifier = common.Identifier.fromPartial({ scheme: 'test-id', country: 'XA', value: `P${role}` });
  return partyMatch({ role, identifier }, MatchOutcome.MATCHED, {
    source: 'registry',
    operatorId: `operator-${role}`,
    tier: 'tier',
    credits: [common.Credit.fromPartial({ purpose, role, sharePermille })],
  });
}

function ruleHit(ruleClass: common.RuleClass): riskService.RuleHit {
  return riskService.RuleHit.fromPartial({ ruleId: `rule-${ruleClass}`, version: 1, ruleClass, purpose });
}

function inputs(base: number, changes: Partial<DecisionInputs> = {}): DecisionInputs {
  return {
    declaration: declaration.Declaration.fromPartial({ declarationId: 'D1', version: 1, office: '10' }),
    contentHash: Buffer.alloc(32),
    stage: Stage.PRESENTATION,
    probe: false,
    revision: 1,
    draw: notDrawn,
    matches: [],
    staleSources: new Set(),
    mandatoryHits: [],
    mandatorySetVersion: 1,
    score: riskService.Score.fromPartial({ scores: [{ purpose, base }], modelId: 'm', modelVersion: 1n }),
    thresholds: () => ({ red: 300, yellow: 200, tableVersion: 1n }),
    ledgerAvailable: true,
    evaluatedAt: at,
    freshness: [{ source: 'registry', asOf: at }],
    ...changes,
  };
}

describe('without any status', () => {
  test.each([
    [299, Lane.YELLOW],
    [300, Lane.RED],
    [199, Lane.GREEN],
    [200, Lane.YELLOW],
  ])('a base score of %i goes to lane %i', (base, lane) => {
    const decision = decide(inputs(base));
    expect(decision.lane).toBe(lane);
    expect(decision.laneWithoutStatus).toBe(lane);
  });
});

describe('a certified party', () => {
  test('is spared an inspection its credit covers, and audited later', () => {
    const decision = decide(inputs(310, { matches: [match(PartyRole.IMPORTER, 650)] }));
    expect(decision).toMatchObject({ lane: Lane.BLUE, laneWithoutStatus: Lane.RED, provisional: false });
    expect(decision.assessments[0]).toMatchObject({ credit: 195, effective: 115, creditedMatch: 0 });
  });

  test('is inspected where the score exceeds the credit', () => {
    const decision = decide(inputs(500, { matches: [match(PartyRole.IMPORTER, 650)] }));
    expect(decision).toMatchObject({ lane: Lane.RED, selection: SelectionReason.SCORE });
  });

  test('counts once: the highest share, never a sum', () => {
    const matches = [match(PartyRole.IMPORTER, 200), match(PartyRole.DECLARANT, 325)];
    expect(decide(inputs(310, { matches })).assessments[0]).toMatchObject({ credit: 97, creditedMatch: 1 });
  });

  test.each([
    ['a legal control', { mandatoryHits: [ruleHit(RuleClass.LEGAL_CONTROL)] }, SelectionReason.LEGAL_CONTROL],
    [
      'a specific threat',
      { mandatoryHits: [ruleHit(RuleClass.SPECIFIC_THREAT)] },
      SelectionReason.SPECIFIC_THREAT,
    ],
    ['the random draw', { draw: { ...notDrawn, selected: true } }, SelectionReason.RANDOM],
  ])('is inspected all the same by %s', (_, changes, selection) => {
    const decision = decide(inputs(10, { matches: [match(PartyRole.IMPORTER, 1000)], ...changes }));
    expect(decision).toMatchObject({ lane: Lane.RED, laneWithoutStatus: Lane.RED, selection });
  });

  test('a stale source gives no credit, and the record names the reason', () => {
    const matches = [match(PartyRole.IMPORTER, 650)];
    const decision = decide(inputs(310, { matches, staleSources: new Set(['registry'] as const) }));
    expect(decision).toMatchObject({ lane: Lane.RED, provisional: true });
    expect(decision.noBenefit).toEqual([NoBenefitReason.STALE_STATUS]);
    expect(decision.matches[0]?.credits).toEqual([]);
  });

  test('gets nothing without the ledger', () => {
    const matches = [match(PartyRole.IMPORTER, 650)];
    const decision = decide(inputs(310, { matches, ledgerAvailable: false }));
    expect(decision.assessments[0]?.credit).toBe(0);
    expect(decision.noBenefit).toEqual([NoBenefitReason.LEDGER_UNAVAILABLE]);
  });
});

describe('rules', () => {
  test.each([
    ['a legal control', RuleClass.LEGAL_CONTROL, Lane.RED],
    ['a specific threat', RuleClass.SPECIFIC_THREAT, Lane.RED],
    ['a document check', RuleClass.DOCUMENT_CHECK, Lane.YELLOW],
    ['an audit after clearance', RuleClass.POST_CLEARANCE_AUDIT, Lane.BLUE],
    ['an indicator', RuleClass.INDICATOR, Lane.GREEN],
    ['a class nobody knows here', 99 as common.RuleClass, Lane.YELLOW],
    ['no class', RuleClass.UNSPECIFIED, Lane.YELLOW],
  ])('%s asks for its lane, from this node and from the scorer', (_, ruleClass, lane) => {
    const score = riskService.Score.fromPartial({
      scores: [{ purpose, base: 10 }],
      ruleHits: [ruleHit(ruleClass)],
    });
    expect(decide(inputs(10, { mandatoryHits: [ruleHit(ruleClass)] })).lane).toBe(lane);
    expect(decide(inputs(10, { score })).lane).toBe(lane);
  });

  test.each([
    ['the scorer is stricter', RuleClass.DOCUMENT_CHECK, RuleClass.LEGAL_CONTROL],
    ['this node is stricter', RuleClass.LEGAL_CONTROL, RuleClass.DOCUMENT_CHECK],
  ])('one rule answered twice counts once, by the stricter answer: %s', (_, here, there) => {
    const hit = (ruleClass: common.RuleClass) => ({ ...ruleHit(ruleClass), ruleId: 'the-rule' });
    const score = riskService.Score.fromPartial({ scores: [{ purpose, base: 10 }], ruleHits: [hit(there)] });
    const decision = decide(inputs(10, { mandatoryHits: [hit(here)], score }));
    expect(decision).toMatchObject({ lane: Lane.RED, selection: SelectionReason.LEGAL_CONTROL });
    expect(decision.ruleHits).toEqual([hit(RuleClass.LEGAL_CONTROL)]);
  });

  test('a credit counts for the purpose it names and no other', () => {
    const matches = [match(PartyRole.IMPORTER, 650)];
    const score = riskService.Score.fromPartial({
      scores: [{ purpose: Purpose.SAFETY_SECURITY, base: 310 }],
    });
    expect(decide(inputs(310, { matches, score }))).toMatchObject({
      lane: Lane.RED,
      assessments: [{ credit: 0, creditedMatch: -1 }],
    });
  });

  test('the strictest lane over purposes counts', () => {
    const scores = [
      { purpose, base: 10 },
      { purpose: Purpose.SAFETY_SECURITY, base: 310 },
    ];
    expect(decide(inputs(10, { score: riskService.Score.fromPartial({ scores }) })).lane).toBe(Lane.RED);
  });
});

describe('without a score', () => {
  test('goods get the fallback lane, never green or blue by credit', () => {
    const decision = decide(inputs(0, { score: undefined, matches: [match(PartyRole.IMPORTER, 1000)] }));
    expect(decision).toMatchObject({ lane: Lane.YELLOW, provisional: true });
    expect(decision.noBenefit).toEqual([NoBenefitReason.SCORE_UNAVAILABLE]);
  });

  test('a score that no threshold judges counts as none', () => {
    expect(decide(inputs(10, { thresholds: () => undefined })).lane).toBe(Lane.YELLOW);
  });

  test('legal controls and the floor hold', () => {
    const legal = decide(inputs(0, { score: undefined, mandatoryHits: [ruleHit(RuleClass.LEGAL_CONTROL)] }));
    const drawn = decide(inputs(0, { score: undefined, draw: { ...notDrawn, selected: true } }));
    expect([legal.lane, drawn.lane]).toEqual([Lane.RED, Lane.RED]);
  });
});

const anyInputs = fc.record({
  base: fc.integer({ min: 0, max: 1000 }),
  share: fc.integer({ min: 0, max: 1000 }),
  more: fc.integer({ min: 0, max: 1000 }),
  drawn: fc.boolean(),
});

describe('laws', () => {
  test('more trust never makes a lane stricter', () => {
    fc.assert(
      fc.property(anyInputs, ({ base, share, more, drawn }) => {
        const laneAt = (permille: number) => {
          const draw = { ...notDrawn, selected: drawn };
          const { lane } = decide(inputs(base, { matches: [match(PartyRole.IMPORTER, permille)], draw }));
          return lane;
        };
        expect(laneAt(Math.max(share, more)) <= laneAt(Math.min(share, more)) || base < 300).toBe(true);
      }),
    );
  });

  test('a record replays to the same bytes', () => {
    fc.assert(
      fc.property(anyInputs, ({ base, share, drawn }) => {
        const draw = { ...notDrawn, selected: drawn };
        const decision = decide(inputs(base, { matches: [match(PartyRole.IMPORTER, share)], draw }));
        const bytes = clearanceDecision.Decision.encode(decision).finish();
        const again = replay(clearanceDecision.Decision.decode(bytes));
        expect(Buffer.from(clearanceDecision.Decision.encode(again).finish())).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test('about one consignment in a hundred is drawn, the same one every time', () => {
    const key = dayKey(Buffer.alloc(32, 7), '2021-01-04');
    const draw = (n: number) => drawRandom(key, '2021-01-04', `declaration/${n}`, 10_000);
    const selected = Array.from({ length: 20_000 }, (_, n) => draw(n)).filter((each) => each.selected);
    expect(selected.length).toBeGreaterThan(140);
    expect(selected.length).toBeLessThan(260);
    expect(draw(17)).toEqual(draw(17));
  });
});

test('a status that was not claimed gives no credit, and the record names the reason', () => {
  const unmetConditions = [common.BenefitCondition.ACTIVATION_DECLARED];
  const unclaimed = { ...match(PartyRole.IMPORTER, 650), credits: [], unmetConditions };
  const decision = decide(inputs(350, { matches: [unclaimed] }));
  expect(decision).toMatchObject({ lane: Lane.RED, noBenefit: [NoBenefitReason.ACTIVATION_MISSING] });
  expect(decision.provisional).toBe(false);
});
