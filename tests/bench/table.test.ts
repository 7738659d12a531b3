import { expect, test } from 'vitest';
import { line } from './table.ts';

const comparison = (ratio: number, low: number, high: number) => ({
  ratio,
  interval: [low, high] as [number, number],
  pairs: 20,
  subject: ratio * 1_000,
  baseline: 1_000,
});

test('a finding is compared to its goal by the unfavourable end of the interval', () => {
  const throughput = { ratioOf: 'a ÷ b', unit: 'answers/s', goal: { atLeast: 0.9 } };
  expect(line({ ...throughput, comparison: comparison(0.95, 0.91, 0.98) })).toContain('goal ≥ 0.9: reached');
  expect(line({ ...throughput, comparison: comparison(0.95, 0.89, 0.98) })).toContain('not reached');
  const cost = { ratioOf: 'a ÷ b', unit: 'ms', goal: { atMost: 1.25 } };
  expect(line({ ...cost, comparison: comparison(1.1, 1, 1.2) })).toContain('goal ≤ 1.25: reached');
  expect(line({ ...cost, comparison: comparison(1.1, 1, 1.3) })).toContain('not reached');
});

test('a finding without a goal has no verdict', () => {
  const text = line({ ratioOf: 'a ÷ b', unit: 'x', comparison: comparison(0.5, 0.4, 0.6) });
  expect(text).toContain('0.500 [0.400, 0.600]');
  expect(text).not.toContain('goal');
});
