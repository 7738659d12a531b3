import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clockOn } from '../domain/time/clock.ts';
import { plusDays } from '../domain/time/days.ts';
import type { Clock } from '../domain/definition/procedure.ts';
import { loadProgrammes } from './programme-files.ts';
import { holidaysIn, isKnownCalendar, isWorkingDay, workingDaysOf } from './working-days.ts';

/** The day before, the day itself, and the day after. */
const around = (calendar: string, day: string) =>
  [-1, 0, 1].map((days) => isWorkingDay(calendar, plusDays(day, days)));

describe('public holidays of the authorities of the files, with the days around them', () => {
  test.each([
    ['NZ', '2026-02-06', 'a Friday: Waitangi Day', [true, false, false]],
    ['NZ', '2026-10-26', 'a Monday: Labour Day', [false, false, true]],
    ['JP', '2026-02-11', 'a Wednesday: National Foundation Day', [true, false, true]],
    // A day between two holidays is one (Act on National Holidays, article 3, paragraph 3).
    ['JP', '2026-09-22', 'a Tuesday between two holidays', [false, false, false]],
    ['ZA', '2026-06-16', 'a Tuesday: Youth Day', [true, false, true]],
    ['ZA', '2026-12-16', 'a Wednesday: Day of Reconciliation', [true, false, true]],
    ['MA', '2026-07-30', 'a Thursday: Throne Day', [true, false, true]],
    ['DO', '2026-01-21', 'a Wednesday: Our Lady of Altagracia', [true, false, true]],
    ['IN', '2026-10-02', 'a Friday: Gandhi Jayanti', [true, false, false]],
    ['BE', '2026-07-21', 'a Tuesday: National Day', [true, false, true]],
    ['HK', '2026-07-01', 'a Wednesday: Establishment Day', [true, false, true]],
    ['CN', '2026-05-01', 'a Friday: Labour Day', [true, false, false]],
    ['ID', '2026-08-17', 'a Monday: Independence Day', [false, false, true]],
    // Three days long, from a Monday on.
    ['KR', '2026-02-17', 'a Tuesday, the second day of Seollal', [true, false, false]],
  ])('%s on %s, %s', (calendar, day, _name, expected) => {
    expect(around(calendar, day)).toEqual(expected);
  });

  test.each([
    ['NZ', '2026-04-25', '2026-04-27', 'ANZAC Day, a Saturday, is made up for on Monday'],
    ['ZA', '2026-08-09', '2026-08-10', 'Women’s Day, a Sunday, is made up for on Monday'],
    ['JP', '2026-05-03', '2026-05-06', 'Constitution Day, a Sunday, is made up for after two more holidays'],
  ])('%s: %s and %s, %s', (calendar, day, substitute) => {
    expect([isWorkingDay(calendar, day), isWorkingDay(calendar, substitute)]).toEqual([false, false]);
    expect(isWorkingDay(calendar, plusDays(substitute, 1))).toBe(true);
  });

  test('a substitute may lie in the year before', () => {
    // New Year’s Day of 2028 is a Saturday.
    expect(around('US', '2027-12-31')).toEqual([true, false, false]);
    expect(holidaysIn('US', 2028)).toContain('2028-01-01');
    expect(holidaysIn('US', 2028)).not.toContain('2027-12-31');
  });

  test('a holiday of many days reaches into the next year', () => {
    // Incwala, from 28 December on; 2 January is a Monday.
    expect(around('SZ', '2017-01-02')).toEqual([false, false, true]);
  });

  test('an afternoon off is worked on, and so is a holiday of banks alone', () => {
    // Youth Day is half a day, for the young; the last of December is the banks’.
    expect(isWorkingDay('CN', '2026-05-04')).toBe(true);
    expect(isWorkingDay('JP', '2026-12-31')).toBe(true);
  });

  test('a state has holidays that its country has not', () => {
    expect([isWorkingDay('DE', '2026-01-06'), isWorkingDay('DE-BY', '2026-01-06')]).toEqual([true, false]);
  });
});

test('where no calendar is known it is Monday to Friday', () => {
  const week = Array.from({ length: 7 }, (_, index) => plusDays('2026-12-21', index));
  expect(week.map((day) => isWorkingDay('unknown', day))).toEqual([
    true,
    true,
    true,
    true,
    true,
    false,
    false,
  ]);
});

test('a distant year has no known holidays, and the query ends', () => {
  const years = [1899, 1900, 2199, 2200];
  expect(years.map((year) => holidaysIn('CN', year).size > 0)).toEqual([false, true, true, false]);
  // A Friday each.
  expect(['0001-06-01', '9999-12-31'].map((day) => isWorkingDay('CN', day))).toEqual([true, true]);
});

test('a programme may have another weekend', () => {
  const works = workingDaysOf({ calendar: 'unknown', weekend: ['friday', 'saturday'] });
  expect(['2026-06-04', '2026-06-05', '2026-06-06', '2026-06-07'].map(works)).toEqual([
    true,
    false,
    false,
    true,
  ]);
});

test('calendars are known by their exact names, and others have no working days', () => {
  const names = ['NZ', 'DE-BY', 'unknown', 'EU', 'nz', 'DE-XX', 'NZ.x', 'DE-BY-XX', 'constructor', ''];
  expect(names.map(isKnownCalendar)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
    false,
    false,
    false,
    false,
  ]);
  expect(() => isWorkingDay('EU', '2026-06-04')).toThrow(RangeError);
});

const { all } = loadProgrammes('services/programmes/files');

test('a cached day equals the computed one, in any order of queries', () => {
  const calendar = fc.constantFrom(...new Set(all.map((programme) => programme.calendar)));
  const day = fc
    .date({ min: new Date('2015-01-01'), max: new Date('2045-12-31'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10));
  fc.assert(
    fc.property(calendar, day, (of, on) => {
      const weekend = [0, 6].includes(new Date(on).getUTCDay());
      const anew = !weekend && !holidaysIn(of, Number(on.slice(0, 4))).has(on);
      expect([isWorkingDay(of, on), isWorkingDay(of, on)]).toEqual([anew, anew]);
    }),
  );
});

test('every programme has holidays of its own, or says that they are not known', () => {
  for (const { id, calendar } of all)
    if (calendar !== 'unknown') expect([id, holidaysIn(calendar, 2026).size > 3]).toEqual([id, true]);
});

test('a clock in working days passes over them', () => {
  const clock: Clock = {
    id: 'decision',
    label: {},
    runsFor: 'authority',
    startsOn: 'accepted',
    stopsOn: ['granted'],
    limit: { n: 3, unit: 'workingDay' },
    nature: 'statutory',
    onExpiry: 'escalate',
    sources: [],
    pauses: [],
  };
  const accepted = { outcomes: [{ event: 'accepted', on: '2026-04-02' }], extensions: [] };
  const dueOn = (calendar: string) =>
    clockOn(clock, accepted, '2026-04-02', workingDaysOf({ calendar, weekend: undefined }));
  // Between them lie Good Friday and Easter Monday.
  expect(dueOn('NZ')).toMatchObject({ status: 'running', dueOn: '2026-04-09' });
  expect(dueOn('unknown')).toMatchObject({ status: 'running', dueOn: '2026-04-07' });
});
