import { expect, test } from 'vitest';
import type { ListHeader } from '../../domain/list/list.ts';
import { listAge, listInterval } from './list-age.ts';

const header: ListHeader = {
  issuer: 'partner',
  arrangement: 'one',
  sequence: 1,
  previousHash: '',
  count: 0,
  digest: '',
  issuedAt: '2026-01-01T00:00:00.000Z',
  validUntil: '2026-01-08T00:00:00.000Z',
};
const at = (text: string) => new Date(text);
const daySeconds = 86_400;

test('a list ages from its issue and counts until its stated end', () => {
  const list = { header, receivedAt: at('2026-01-01T01:00:00.000Z') };
  expect(listAge(list, at('2026-01-02T00:00:00.000Z').getTime())).toBe(daySeconds);
  expect(listInterval(list, 30)).toBe(7 * daySeconds);
});

test('an arrangement may let a list count for less, and one from the future ages from its receipt', () => {
  const list = { header, receivedAt: at('2025-12-31T00:00:00.000Z') };
  expect(listAge(list, at('2026-01-01T00:00:00.000Z').getTime())).toBe(daySeconds);
  expect(listInterval(list, 2)).toBe(2 * daySeconds);
});
