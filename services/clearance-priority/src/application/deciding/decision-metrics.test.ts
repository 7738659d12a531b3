import { clearanceDecision, common } from '@aeo/proto';
import { expect, test } from 'vitest';
import { countedAs, stalenessOf } from './decision-metrics.ts';

const { Lane, NoBenefitReason, SelectionReason } = common;
const decisionWith = (fields: Parameters<typeof clearanceDecision.Decision.fromPartial>[0]) =>
  clearanceDecision.Decision.fromPartial(fields);

test('a decision is counted by closed words, and of several reasons by the worst', () => {
  const decision = decisionWith({
    lane: Lane.RED,
    selection: SelectionReason.RANDOM,
    probe: true,
    noBenefit: [NoBenefitReason.STALE_STATUS, NoBenefitReason.LEDGER_UNAVAILABLE],
  });
  expect(countedAs(decision)).toEqual({
    lane: 'red',
    selection: 'random',
    reason: 'ledger_unavailable',
    credit: 'none',
    probe: 'true',
  });
});

test('a credit is counted by the kind of its source, never by the operator or the arrangement', () => {
  const credited = (source: string) =>
    decisionWith({
      lane: Lane.GREEN,
      matches: [{ source, operatorId: 'operator-1' }],
      assessments: [{ creditedMatch: 0 }],
    });
  expect(countedAs(credited('registry'))).toMatchObject({ credit: 'registry', reason: 'none' });
  expect(countedAs(credited('some-arrangement'))).toMatchObject({ credit: 'exchange', selection: 'none' });
  expect(JSON.stringify(countedAs(credited('some-arrangement')))).not.toContain('some-arrangement');
});

test('staleness is the age of each source that has sent a heartbeat', () => {
  const at = new Date('2026-01-01T00:00:02.000Z');
  const decision = decisionWith({
    freshness: [
      { source: 'registry', asOf: new Date('2026-01-01T00:00:01.700Z') },
      { source: 'exchange', asOf: undefined },
    ],
  });
  expect(stalenessOf(decision, at)).toEqual([{ source: 'registry', seconds: 0.3 }]);
});
