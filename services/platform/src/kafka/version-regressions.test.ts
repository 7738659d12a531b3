import { expect, test } from 'vitest';
import { trackRegressions } from './version-regressions.ts';

const version = (epoch: bigint, number: bigint) => ({ epoch, number });

test('versions that rise, or are repeated, need no repair', () => {
  const regressions = trackRegressions();
  for (const number of [1n, 2n, 2n, 5n]) regressions.observe('a', version(1n, number));
  regressions.observe('a', version(2n, 1n));
  regressions.observe('b', version(1n, 1n));
  expect(regressions.due(0)).toEqual([]);
});

test('a version that goes backwards is repeated once, and again after the time a repetition takes', () => {
  const regressions = trackRegressions();
  regressions.observe('a', version(1n, 2n));
  regressions.observe('a', version(1n, 1n));
  expect(regressions.due(0)).toEqual([{ key: 'a', attempt: 1, last: false }]);
  expect(regressions.due(9_000)).toEqual([]);
  expect(regressions.due(10_000)).toMatchObject([{ attempt: 2 }]);
});

test('the repetition repairs the key, and so does a newer version; an older epoch does not', () => {
  const regressions = trackRegressions();
  for (const key of ['a', 'b', 'c']) {
    regressions.observe(key, version(2n, 2n));
    regressions.observe(key, version(2n, 1n));
  }
  regressions.observe('a', version(2n, 2n));
  regressions.observe('b', version(2n, 3n));
  regressions.observe('c', version(1n, 9n));
  expect(regressions.due(0).map(({ key }) => key)).toEqual(['c']);
});

test('a state that stays older is published three times at most', () => {
  const regressions = trackRegressions();
  regressions.observe('a', version(1n, 5n));
  regressions.observe('a', version(1n, 3n));
  const attempts = [0, 10_000, 20_000, 30_000, 40_000].flatMap((nowMs) => {
    const due = regressions.due(nowMs);
    regressions.observe('a', version(1n, 3n));
    return due;
  });
  expect(attempts.map(({ last }) => last)).toEqual([false, false, true]);
});

test('a record that cannot be read blocks its key until another record follows', () => {
  const regressions = trackRegressions();
  regressions.observeUnusable('a');
  expect(regressions.due(0)).toMatchObject([{ key: 'a' }]);
  regressions.observe('a', version(1n, 1n));
  expect(regressions.due(60_000)).toEqual([]);
});
