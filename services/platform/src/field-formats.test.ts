import { expect, test } from 'vitest';
import { isDay, isIdentifier, isKnown, isPersonName } from './field-formats.ts';

test.each([
  ['Ines Valdar', true],
  ['José', true],
  ['عبد الله', true],
  ['', false],
  [' Ines Valdar', false],
  ['Ines Valdar ', false],
  ['Jose\u0301', false],
  ['Ines\u202eValdar', false],
  ['a'.repeat(121), false],
])('%j names a person: %s', (name, expected) => {
  expect(isPersonName(name)).toBe(expected);
});

test.each([
  ['2026-02-28', true],
  ['2024-02-29', true],
  ['2026-02-29', false],
  ['2026-2-28', false],
  ['2026-02-28T00:00:00Z', false],
  ['', false],
])('%j is a day: %s', (text, expected) => {
  expect(isDay(text)).toBe(expected);
});

test.each([
  [{ scheme: 'eori', country: 'XA', value: 'XA-1' }, true],
  [{ scheme: 'EORI', country: 'XA', value: 'XA-1' }, false],
  [{ scheme: 'eori', country: 'xa', value: 'XA-1' }, false],
  [{ scheme: 'eori', country: 'XA', value: '' }, false],
])('%j is an identifier: %s', (identifier, expected) => {
  expect(isIdentifier(identifier)).toBe(expected);
});

test('a value of a closed list is known unless it is unspecified or not in the list', () => {
  const list = { UNSPECIFIED: 0, ONE: 1, UNRECOGNIZED: -1 };
  expect([0, 1, 2, -1].map((value) => isKnown(list, value))).toEqual([false, true, false, false]);
});
