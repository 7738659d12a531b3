import { expect, test } from 'vitest';
import { objectionTo } from './list-awaiting-approval.ts';

const waiting = { heldBy: 'clerk', rows: [], decision: undefined };

test.each([
  ['another person', waiting, 'officer', undefined],
  ['who took it in', waiting, 'clerk', 'NOT_ALLOWED'],
  ['anybody, where nothing waits', undefined, 'officer', 'NOT_FOUND'],
  ['anybody, once decided', { ...waiting, decision: 'refused' as const }, 'officer', 'OUT_OF_ORDER'],
  ['anybody, once overtaken', { ...waiting, rows: undefined }, 'officer', 'OUT_OF_ORDER'],
] as const)('on a list that waits decides: %s', (_, list, person, objection) => {
  expect(objectionTo(list, person)).toBe(objection);
});
