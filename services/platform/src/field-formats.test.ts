import { expect, test } from 'vitest';
import { isPersonName } from './field-formats.ts';

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
