import { expect, test } from 'vitest';
import { bootstrapRatio, quantile, seededRandom, wilson } from './statistics.ts';

test.each([
  [0, 300, 0, 0.01264],
  [3, 300, 0.00341, 0.02898],
  [12, 1000, 0.00688, 0.02086],
  [50, 1000, 0.03813, 0.06531],
  [300, 10000, 0.02683, 0.03353],
])('the Wilson interval of %i in %i', (hits, trials, low, high) => {
  const interval = wilson(hits, trials);
  expect(interval?.[0]).toBeCloseTo(low, 5);
  expect(interval?.[1]).toBeCloseTo(high, 5);
});

test('nothing counted has no interval', () => {
  expect(wilson(0, 0)).toBeNull();
  expect(bootstrapRatio([], 1)).toBeNull();
});

test('a ratio that is the same in every cluster has an interval of no width', () => {
  const clusters = Array.from({ length: 40 }, () => ({ inspectedWith: 1, inspectedWithout: 4 }));
  expect(bootstrapRatio(clusters, 7)).toEqual([0.25, 0.25]);
});

test('clusters, not declarations, carry the width', () => {
  const random = seededRandom(3);
  const clusters = Array.from({ length: 60 }, () => ({
    inspectedWith: random() < 0.5 ? 0 : 8,
    inspectedWithout: 10,
  }));
  const [low, high] = bootstrapRatio(clusters, 7) ?? [0, 0];
  expect(low).toBeGreaterThan(0.2);
  expect(high).toBeLessThan(0.65);
  expect(high - low).toBeGreaterThan(0.1);
});

test('quantiles are nearest ranks', () => {
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2);
  expect(quantile([1, 2, 3, 4], 0.99)).toBe(4);
});
