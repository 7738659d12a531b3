import { expect, test } from 'vitest';
import { arrangementOf, listRow } from '../../../../../tests/setup/partner-list.ts';
import { headerHash, type ListRow } from './list.ts';
import { nextHeader } from './next-list.ts';

const arrangement = arrangementOf();
const day = (count: number) => new Date(Date.UTC(2026, 0, 1 + count));
const row = listRow('o1');
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
