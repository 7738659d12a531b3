import { describe, expect, test } from 'vitest';
import { createFreshness, isAhead, isFresh } from './freshness.ts';

const clock = { nowMs: 10_000, errorMs: 50 };

test.each([
  ['a time within the bound', 8_050, true],
  ['a time just older, the error of the clock counted against it', 8_049, false],
  ['no time', undefined, false],
  ['a time slightly ahead', 10_550, true],
  ['a time further ahead than clocks differ', 10_551, false],
])('%s: fresh is %s', (_, asOfMs, fresh) => {
  expect(isFresh(asOfMs, clock, 2_000)).toBe(fresh);
});

test('without a clock nothing is fresh', () => {
  expect(isFresh(10_000, undefined, 2_000)).toBe(false);
});

test('only a time that cannot be yet is ahead', () => {
  expect([isAhead(10_550, clock), isAhead(10_551, clock), isAhead(undefined, clock)]).toEqual([
    false,
    true,
    false,
  ]);
});

describe('a source', () => {
  const beat = (...heartbeats: [partition: number, asOfMs: number][]) => {
    const freshness = createFreshness({ registry: 2, exchange: 1 });
    for (const [partition, asOfMs] of heartbeats) freshness.heartbeat('registry', partition, asOfMs);
    return freshness;
  };

  test('has no time until every partition had a heartbeat', () => {
    expect(beat([0, 5]).asOf('registry')).toBeUndefined();
    expect(beat([0, 5], [1, 7]).asOf('exchange')).toBeUndefined();
  });

  test('is as fresh as its oldest partition', () => {
    const freshness = beat([0, 5], [1, 7]);
    expect([freshness.asOf('registry'), freshness.newest('registry')]).toEqual([5, 7]);
    freshness.heartbeat('registry', 0, 9);
    expect(freshness.asOf('registry')).toBe(7);
  });

  test('keeps the newest heartbeat of a partition', () => {
    expect(beat([0, 5], [1, 7], [0, 4]).asOf('registry')).toBe(5);
  });

  test('claims nothing newer for a frozen partition', () => {
    const freshness = beat([0, 5], [1, 7]);
    freshness.freeze('registry', 0);
    freshness.heartbeat('registry', 0, 9);
    freshness.heartbeat('registry', 1, 9);
    expect(freshness.asOf('registry')).toBe(5);
  });
});
