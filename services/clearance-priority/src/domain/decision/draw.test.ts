import { createHash, createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { dayKey, drawRandom } from './draw.ts';

const expected = (master: Uint8Array, day: string) => {
  const key = createHmac('sha256', master).update(day).digest();
  return { key, id: createHash('sha256').update(key).digest('hex') };
};

test('each master and day has its own key, however many days were derived before', () => {
  const [one, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const days = Array.from({ length: 200 }, (_, n) => new Date(86_400_000 * n).toISOString().slice(0, 10));
  for (const day of [...days, ...days.toReversed()])
    for (const master of [one, other]) expect(dayKey(master, day)).toEqual(expected(master, day));
});

test('a draw names the key of its day', () => {
  const master = Buffer.alloc(32, 3);
  const draws = ['2021-01-04', '2021-01-05', '2021-01-04'].map((day) =>
    drawRandom(dayKey(master, day), day, 'declaration/1', 10_000),
  );
  expect(draws.map(({ keyId }) => keyId)).toEqual([
    expected(master, '2021-01-04').id,
    expected(master, '2021-01-05').id,
    expected(master, '2021-01-04').id,
  ]);
});
