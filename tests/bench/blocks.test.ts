import { expect, test } from 'vitest';
import { compareBlocks, compared, median } from './blocks.ts';

test('blocks run in the order A B B A, and warm-up values are dropped', async () => {
  const order: string[] = [];
  const block = (name: string, values: number[]) => () => {
    order.push(name);
    return Promise.resolve(values.shift() ?? 0);
  };
  const comparison = await compareBlocks(block('A', [90, 2, 4]), block('B', [90, 1, 2]), {
    pairs: 2,
    warmUpPairs: 1,
    durationMs: 1,
  });
  expect(order.join('')).toBe('ABBAAB');
  expect(comparison).toMatchObject({ ratio: 2, pairs: 2, subject: 3, baseline: 1.5 });
});

test('the confidence interval contains the median and is narrower for similar values', () => {
  const wide = compared([
    [1, 1],
    [2, 1],
    [3, 1],
    [4, 1],
    [5, 1],
  ]);
  expect(wide.ratio).toBe(3);
  expect(wide.interval[0]).toBeLessThan(3);
  expect(wide.interval[1]).toBeGreaterThan(3);
  expect(compared([1, 1, 1, 1].map((value) => [value, 1])).interval).toEqual([1, 1]);
});

test('the median of an even number of values is between the middle two', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([3, 1, 2])).toBe(2);
});
