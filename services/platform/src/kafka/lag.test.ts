import { expect, test } from 'vitest';
import { createLag, slotsOf } from './lag.ts';

function owner(...slots: string[]) {
  const lag = createLag();
  lag.assigned(slots);
  return lag;
}

test('without waiting records there is no lag', () => {
  expect(owner('t/0').seconds(5_000)).toBe(0);
});

test('the lag grows while no record is handled', () => {
  const lag = owner('t/0');
  lag.waits('t/0', 1_000);
  expect([lag.seconds(2_000), lag.seconds(9_000)]).toEqual([1, 8]);
});

test('the oldest record of all partitions counts, and a partition without waiting records does not', () => {
  const lag = owner('t/0', 't/1');
  lag.waits('t/0', 1_000);
  lag.waits('t/1', 4_000);
  expect(lag.seconds(5_000)).toBe(4);
  lag.done('t/0');
  expect(lag.seconds(5_000)).toBe(1);
});

test('a partition assigned to another member does not count, even while a batch of it is handled', () => {
  const lag = owner('t/0', 't/1');
  lag.waits('t/0', 1_000);
  lag.assigned(['t/1']);
  expect(lag.seconds(5_000)).toBe(0);
  lag.waits('t/0', 1_000);
  expect(lag.seconds(5_000)).toBe(0);
});

test('an assignment names its partitions by topic', () => {
  expect(slotsOf({ a: [0, 2], b: [1] })).toEqual(['a/0', 'a/2', 'b/1']);
});
