import { expect, test } from 'vitest';
import { createRegressions } from './regressions.ts';

const version = (epoch: bigint, number: bigint) => ({ epoch, number });

test('versions that rise, or are repeated, need nothing', () => {
  const regressions = createRegressions();
  for (const number of [1n, 2n, 2n, 5n]) regressions.met('a', version(1n, number));
  regressions.met('a', version(2n, 1n));
  regressions.met('b', version(1n, 1n));
  expect(regressions.due(0)).toEqual([]);
});

test('a version that goes backwards is due once, until its repetition has had time to come back', () => {
  const regressions = createRegressions();
  regressions.met('a', version(1n, 2n));
  regressions.met('a', version(1n, 1n));
  expect(regressions.due(0)).toEqual([{ key: 'a', attempt: 1, last: false }]);
  expect(regressions.due(9_000)).toEqual([]);
  expect(regressions.due(10_000)).toMatchObject([{ attempt: 2 }]);
});

test('the repetition mends it, and so does a newer version; an older epoch does not', () => {
  const regressions = createRegressions();
  for (const key of ['a', 'b', 'c']) {
    regressions.met(key, version(2n, 2n));
    regressions.met(key, version(2n, 1n));
  }
  regressions.met('a', version(2n, 2n));
  regressions.met('b', version(2n, 3n));
  regressions.met('c', version(1n, 9n));
  expect(regressions.due(0).map(({ key }) => key)).toEqual(['c']);
});

test('a state that stays behind is not published for ever', () => {
  const regressions = createRegressions();
  regressions.met('a', version(1n, 5n));
  regressions.met('a', version(1n, 3n));
  const attempts = [0, 10_000, 20_000, 30_000, 40_000].flatMap((nowMs) => {
    const due = regressions.due(nowMs);
    regressions.met('a', version(1n, 3n));
    return due;
  });
  expect(attempts.map(({ last }) => last)).toEqual([false, false, true]);
});

test('a record that cannot be read blocks its key until another one comes', () => {
  const regressions = createRegressions();
  regressions.unusable('a');
  expect(regressions.due(0)).toMatchObject([{ key: 'a' }]);
  regressions.met('a', version(1n, 1n));
  expect(regressions.due(60_000)).toEqual([]);
});
