import { expect, test } from 'vitest';
import type { Arrangement } from '../arrangement/arrangement.ts';
import { headerHash, type ListRow } from './list.ts';
import { nextHeader } from './next-list.ts';

const arrangement: Arrangement = {
  id: 'a1',
  version: 1,
  live: true,
  purposes: [],
  credits: {},
  directions: [],
  transportModes: [],
  own: { administration: 'here', country: 'XA' },
  partner: { administration: 'there', country: 'XB' },
  recognisedTiers: [],
  removals: { rows: 5, permille: 20 },
  listValidDays: 30,
  demonstration: true,
};
const day = (count: number) => new Date(Date.UTC(2026, 0, 1 + count));
const row: ListRow = {
  operatorId: 'o1',
  identifiers: [{ scheme: 'test-id', country: 'XA', value: 'H1' }],
  tier: 'tier-1',
  component: 'compliance',
  status: 'active',
  validFrom: null,
  validUntil: null,
  decidedAt: null,
  effectiveFrom: null,
};
const next = (last: ReturnType<typeof nextHeader>, rows: ListRow[], at: Date) =>
  nextHeader(last, rows, arrangement, at);

test('each list links to the one before and counts as long as the arrangement says', () => {
  const first = next(undefined, [row], day(0));
  expect(first).toMatchObject({ sequence: 1, previousHash: '', count: 1, validUntil: day(30).toISOString() });
  const second = next(first, [], day(1));
  expect(second).toMatchObject({ sequence: 2, count: 0 });
  expect(second?.previousHash).toBe(first && headerHash(first));
});

test('no new list is issued while nothing changed and over half of the validity is left', () => {
  const first = next(undefined, [row], day(0));
  expect(next(first, [row], day(14))).toBeUndefined();
  expect(next(first, [row], day(15))).toMatchObject({ sequence: 2 });
  expect(next(first, [{ ...row, status: 'suspended' }], day(1))).toMatchObject({ sequence: 2 });
});
