import { expect, test } from 'vitest';
import { replicationFactor } from './topics.ts';

test.each([
  { brokers: 1, copies: 1 },
  { brokers: 2, copies: 2 },
  { brokers: 3, copies: 3 },
  { brokers: 9, copies: 3 },
])('$brokers brokers hold $copies copies of a topic by default', ({ brokers, copies }) => {
  expect(replicationFactor(undefined, brokers)).toBe(copies);
});

test('a configured number of copies is never lowered', () => {
  expect(replicationFactor(3, 1)).toBe(3);
});
