import { expect, test } from 'vitest';
import { objectionTo } from './list-awaiting-approval.ts';

const waiting = { pulledBy: 'clerk', rows: [], decision: undefined };

test.each([
  ['another person', waiting, 'officer', undefined],
  ['the person who pulled it', waiting, 'clerk', 'NOT_ALLOWED'],
  ['any person, where nothing waits', undefined, 'officer', 'NOT_FOUND'],
  ['any person, once decided', { ...waiting, decision: 'refused' as const }, 'officer', 'OUT_OF_ORDER'],
  ['any person, once a later list was accepted', { ...waiting, rows: undefined }, 'officer', 'OUT_OF_ORDER'],
] as const)('a decision on a list that waits, by %s', (_, list, person, objection) => {
  expect(objectionTo(list, person)).toBe(objection);
});
