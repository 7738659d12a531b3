import { expect, test } from 'vitest';
import { compileRule } from './cel.ts';

test.each([
  ['facts.declarations >= 25', { declarations: 25 }, 'met'],
  ['facts.declarations >= 25', { declarations: 24 }, 'not_met'],
  ['facts.findingsShare <= 0.2', { findingsShare: 0.2 }, 'met'],
  ['facts.findingsShare <= 0.2', {}, 'unknown'],
  ['facts.findingsShare <= 0.2', { findingsShare: undefined }, 'unknown'],
  ['facts.findingsShare <= 0.2 || true', {}, 'met'],
  ['false && facts.findingsShare <= 0.2', {}, 'not_met'],
  ['facts.size == "small" && facts.declarations >= 5', { size: 'small', declarations: 5 }, 'met'],
  ['facts.size', { size: 'small' }, 'unknown'],
  ['facts.size >= 3', { size: 'small' }, 'unknown'],
] as const)('%s over %j is %s', (expression, facts, outcome) => {
  expect(compileRule(expression)(facts).outcome).toBe(outcome);
});

test('a rule reports which facts it read', () => {
  const rule = compileRule('facts.a > 1 && facts.b > 1');
  expect(rule({ a: 2, b: 3, c: 4 }).factsRead).toEqual(['a', 'b']);
});

test('a rule that cannot be parsed is refused where it is written', () => {
  expect(() => compileRule('facts.a >=')).toThrow(/Unexpected token/);
  expect(() => compileRule(`facts.a == "${'x'.repeat(2_000)}"`)).toThrow('at most 2000');
});
