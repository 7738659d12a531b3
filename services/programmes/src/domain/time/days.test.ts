import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dayIn, isTimeZone, lookbackPeriod, plusDays, plusMonths } from './days.ts';

test.each([
  // An Indian financial year begins on the first of April.
  [2, 'fiscalYear', 'lastPeriodEnd', '2025-06-15', '2023-04-01', '2025-04-01'],
  [2, 'fiscalYear', 'application', '2025-06-15', '2023-04-01', '2025-06-16'],
  [1, 'fiscalYear', 'lastPeriodEnd', '2025-03-31', '2023-04-01', '2024-04-01'],
  [1, 'fiscalYear', 'lastPeriodEnd', '2025-04-01', '2024-04-01', '2025-04-01'],
  [3, 'calendarYear', 'application', '2025-06-15', '2022-01-01', '2025-06-16'],
  [36, 'month', 'application', '2025-06-15', '2022-06-15', '2025-06-16'],
  [6, 'month', 'lastPeriodEnd', '2025-06-15', '2024-12-01', '2025-06-01'],
  [1, 'month', 'application', '2025-03-31', '2025-02-28', '2025-04-01'],
] as const)('%i %s up to %s from %s: %s to %s', (n, unit, upTo, asOf, from, until) => {
  expect(lookbackPeriod({ n, unit, upTo }, asOf, '04-01')).toEqual({ from, until });
});

test.each([
  ['2024-01-31', 1, '2024-02-29'],
  ['2023-01-31', 1, '2023-02-28'],
  ['2024-02-29', 12, '2025-02-28'],
  ['2025-01-15', -1, '2024-12-15'],
])('%s and %i months: %s', (day, months, expected) => {
  expect(plusMonths(day, months)).toBe(expected);
});

test.each([
  ['2025-06-30T18:29:59.999Z', 'Asia/Kolkata', '2025-06-30'],
  ['2025-06-30T18:30:00.000Z', 'Asia/Kolkata', '2025-07-01'],
  // In January Auckland is thirteen hours ahead, in July twelve.
  ['2025-01-01T10:59:59.999Z', 'Pacific/Auckland', '2025-01-01'],
  ['2025-01-01T11:00:00.000Z', 'Pacific/Auckland', '2025-01-02'],
  ['2025-07-01T11:59:59.999Z', 'Pacific/Auckland', '2025-07-01'],
  ['2025-07-01T12:00:00.000Z', 'Pacific/Auckland', '2025-07-02'],
  ['2025-01-01T03:59:59.999Z', 'America/Santo_Domingo', '2024-12-31'],
  ['2025-01-01T04:00:00.000Z', 'America/Santo_Domingo', '2025-01-01'],
  ['2025-01-01T00:00:00.000Z', undefined, '2025-01-01'],
  ['2024-12-31T23:59:59.999Z', undefined, '2024-12-31'],
])('%s in %s is %s', (instant, timeZone, expected) => {
  expect(dayIn(new Date(instant), timeZone)).toBe(expected);
});

test('time zones go by their names alone', () => {
  const names = ['Africa/Casablanca', 'UTC', '+05:30', '-01', 'Mars/Olympus', '', ' Asia/Tokyo'];
  expect(names.map(isTimeZone)).toEqual([true, true, false, false, false, false, false]);
});

const day = fc
  .date({ min: new Date('1990-01-01'), max: new Date('2090-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

test('a look-back ends on the day of the case or before it, is never empty, and grows with its length', () => {
  const units = fc.constantFrom('fiscalYear' as const, 'calendarYear' as const, 'month' as const);
  const upTo = fc.constantFrom('application' as const, 'lastPeriodEnd' as const);
  fc.assert(
    fc.property(day, units, upTo, fc.integer({ min: 1, max: 20 }), (asOf, unit, until, n) => {
      const shorter = lookbackPeriod({ n, unit, upTo: until }, asOf, '04-01');
      const longer = lookbackPeriod({ n: n + 1, unit, upTo: until }, asOf, '04-01');
      expect(shorter.from < shorter.until).toBe(true);
      expect(longer.from < shorter.from && longer.until === shorter.until).toBe(true);
      expect(shorter.until <= plusDays(asOf, 1)).toBe(true);
    }),
  );
});
