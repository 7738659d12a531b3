import { expect, test } from 'vitest';
import { verdictOn } from './verdict.ts';

const named = { file: 'a.test.ts', test: 'what holds' };
const wanted = { ...named, assertion: 'to be 1' };
const failedBy = (...messages: string[]) => [{ ...named, status: 'failed', messages }];
const assertion = 'AssertionError: expected 2 to be 1 // Object.is equality\n    at /a.test.ts:3:1';

test.each([
  ['the assertion that is named', failedBy(assertion), true],
  ['the same, behind another one', failedBy('AssertionError: expected 3 to be 4', assertion), true],
  ['the same, within a property', failedBy(`Error: Property failed\n\nCaused by: ${assertion}`), true],
  ['another assertion', failedBy('AssertionError: expected 3 to be 4\n    at x'), false],
  ['a place in the code that reads alike', failedBy('AssertionError: expected 3\n    at "to be 1"'), false],
  ['a crash', failedBy('TypeError: expected 2 to be 1'), false],
  ['a time that ran out', failedBy('Error: Test timed out in 60000ms.'), false],
  ['nothing: the test passes', [{ ...named, status: 'passed', messages: [] }], false],
  ['nothing: the test was not run', [], false],
  ['nothing: it failed in another file', failedBy(assertion).map((each) => ({ ...each, file: 'b' })), false],
])('a mutant is killed only by the named assertion: %s', (_, outcomes, killed) => {
  expect(verdictOn(wanted, outcomes).killed).toBe(killed);
});
