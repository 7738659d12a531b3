import Holidays from 'date-holidays';
import type { IsWorkingDay } from '../domain/time/clock.ts';
import { plusDays } from '../domain/time/days.ts';
import { weekdays, type Day, type Weekday } from '../domain/definition/definition.ts';
import type { ProgrammeDefinition } from '../domain/definition/programme.ts';

const unknown = 'unknown';
const usualWeekend: readonly Weekday[] = ['saturday', 'sunday'];
const dayMs = 86_400_000;
/** A day on which clocks are put forward is shorter by an hour, at most by two, and is a whole day all the same. */
const clockChangeMs = 7_200_000;

/**
 * Whether an authority works on a day: no weekend and no public holiday, substitute days included. Half holidays are
 * worked on, and so are those of banks and schools.
 *
 * @param calendar as the holiday library names it: country, country-state or country-state-region. `unknown` has no
 * holidays
 * @param weekend the days off of every week; the library knows none of them. Saturday and Sunday unless given
 * @throws RangeError for a calendar that the library does not know
 */
export function isWorkingDay(calendar: string, day: Day, weekend = usualWeekend): boolean {
  const weekday = weekdays[new Date(`${day}T00:00:00Z`).getUTCDay()]!;
  return !weekend.includes(weekday) && !holidaysOf(calendar, Number(day.slice(0, 4))).has(day);
}

/** On which days the authority of a programme works. */
export function workingDaysOf({
  calendar,
  weekend,
}: Pick<ProgrammeDefinition, 'calendar' | 'weekend'>): IsWorkingDay {
  return (day) => isWorkingDay(calendar, day, weekend);
}

/** Whether the library has the calendar, state and region included, which it would pass over in silence. */
export function isKnownCalendar(calendar: string): boolean {
  if (calendar === unknown) return true;
  const [country = '', state, region, ...rest] = calendar.split('-');
  const library = new Holidays();
  return (
    rest.length === 0 &&
    has(library.getCountries(), country) &&
    (state === undefined || has(library.getStates(country), state)) &&
    (region === undefined || has(library.getRegions(country, state ?? ''), region))
  );
}

/** The library answers with nothing at all where there are no states or regions. */
function has(names: Record<string, string> | undefined, name: string): boolean {
  return names !== undefined && Object.keys(names).includes(name);
}

const kept = new Map<string, ReadonlySet<Day>>();
/** Calendars come from programme files and years from clocks of a century at most; a wild mix of both is let go of. */
const keptMax = 5_000;

function holidaysOf(calendar: string, year: number): ReadonlySet<Day> {
  const key = `${calendar} ${year}`;
  const found = kept.get(key) ?? holidaysIn(calendar, year);
  if (kept.size >= keptMax) kept.clear();
  kept.set(key, found);
  return found;
}

/** Beyond these the library has little to say, and for some calendars of the moon it never comes to an end. */
const yearMin = 1900;
const yearMax = 2199;

/** The public holidays of a year, worked out anew; none outside 1900 to 2199. */
export function holidaysIn(calendar: string, year: number): ReadonlySet<Day> {
  if (calendar === unknown) return new Set();
  if (!isKnownCalendar(calendar)) throw new RangeError(`no calendar is called ${calendar}`);
  if (year < yearMin || year > yearMax) return new Set();
  const library = new Holidays(calendar, { types: ['public'] });
  // A holiday of many days may begin in the old year and reach into the new one.
  const found = [year - 1, year].flatMap((each) => library.getHolidays(each));
  return new Set(found.flatMap(daysOf).filter((day) => Number(day.slice(0, 4)) === year));
}

/** The whole calendar days of a holiday: some last for several, and some, for an afternoon alone, for none. */
function daysOf({ date, start, end }: { date: string; start: Date; end: Date }): Day[] {
  const first = date.slice(0, 10);
  const days = Math.floor((end.getTime() - start.getTime() + clockChangeMs) / dayMs);
  return Array.from({ length: days }, (_, index) => plusDays(first, index));
}
