import { expect, test } from 'vitest';
import { partitionOf } from './partition.ts';

test('a key always goes to the same partition and keys spread over all', () => {
  const partitions = Array.from({ length: 200 }, (_, index) => partitionOf(`operator-${index}`, 4));
  expect(new Set(partitions)).toEqual(new Set([0, 1, 2, 3]));
  expect(partitionOf('operator-7', 4)).toBe(partitions[7]);
});

// murmur2 of these keys as Kafka's own test states them: 21 → -973932308, foobar → -790332482.
test.each([
  ['21', (-973932308 & 0x7fffffff) % 1000],
  ['foobar', (-790332482 & 0x7fffffff) % 1000],
])('the hash of %s is that of the Java client', (key, partition) => {
  expect(partitionOf(key, 1000)).toBe(partition);
});
