import type { Day, Lookback } from '../definition/definition.ts';

/** Days from `from` on, `until` itself is outside. */
export type Period = { from: Day; until: Day };

/**
 * The time a criterion looks back over from the day of the case: as many whole periods as it says, and where it reaches
 * up to the application, also what has passed of the present one, that day included.
 *
 * @param fiscalYearStart month and day, `04-01`
 */
export function lookbackPeriod({ n, unit, upTo }: Lookback, asOf: Day, fiscalYearStart: string): Period {
  const end = upTo === 'application' ? plusDays(asOf, 1) : undefined;
  if (unit === 'month') {
    const anchor = upTo === 'application' ? asOf : `${asOf.slice(0, 7)}-01`;
    return { from: plusMonths(anchor, -n), until: end ?? anchor };
  }
  const yearStart = lastOccurrence(unit === 'calendarYear' ? '01-01' : fiscalYearStart, asOf);
  return { from: plusMonths(yearStart, -12 * n), until: end ?? yearStart };
}

/** The latest day with this month and day that is not after the given one. */
function lastOccurrence(monthDay: string, day: Day): Day {
  const year = Number(day.slice(0, 4));
  const inYear = `${day.slice(0, 4)}-${monthDay}`;
  return inYear <= day ? inYear : `${String(year - 1).padStart(4, '0')}-${monthDay}`;
}

export function plusDays(day: Day, days: number): Day {
  const [year, month, date] = partsOf(day);
  return new Date(Date.UTC(year, month - 1, date + days)).toISOString().slice(0, 10);
}

/** The same day of another month; the last one there is where that month is shorter. */
export function plusMonths(day: Day, months: number): Day {
  const [year, month, date] = partsOf(day);
  const first = new Date(Date.UTC(year, month - 1 + months, 1));
  const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  first.setUTCDate(Math.min(date, last));
  return first.toISOString().slice(0, 10);
}

/**
 * The calendar day on which something happened, by the clocks of a time zone.
 *
 * @param timeZone an IANA name; absent: UTC
 */
export function dayIn(instant: Date, timeZone = 'UTC'): Day {
  const parts = formatterOf(timeZone).formatToParts(instant);
  const part = (name: string) => parts.find(({ type }) => type === name)?.value ?? '';
  return `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Making one takes a thousand times as long as using it; there are as many as programmes have time zones. */
function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const made =
    formatters.get(timeZone) ??
    new Intl.DateTimeFormat('en', {
      timeZone,
      calendar: 'iso8601',
      numberingSystem: 'latn',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
  formatters.set(timeZone, made);
  return made;
}

/** Whether `dayIn` knows a time zone of this name; a mere offset is none, as it has no summer time. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function partsOf(day: Day): [number, number, number] {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  return [year, month, date];
}
