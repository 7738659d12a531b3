import { expect, test } from 'vitest';
import { majorOf } from './java.ts';

test.each([
  ['openjdk version "17.0.15" 2025-04-15', 17],
  ['java version "1.8.0_402"', 8],
  ['openjdk version "21" 2023-09-19', 21],
  ['not java', 0],
])('%s', (printed, major) => {
  expect(majorOf(printed)).toBe(major);
});
