import { plusDays, plusMonths } from './days.ts';
import type { Day } from '../definition/definition.ts';
import type { Clock, Length } from '../definition/procedure.ts';

/** An outcome of a step, on the authority's calendar day. */
export type StepOutcome = { event: string; on: Day };

/** A clock lengthened by its extension, on a day, for a reason. */
export type ClockExtension = { clock: string; on: Day; reason: string };

/** Whether the authority works on a day. */
export type IsWorkingDay = (day: Day) => boolean;

/** How a clock stands at the end of a day. The last day of its time is `dueOn`; on the day after it has expired. */
export type ClockState =
  | { status: 'notStarted' }
  | { status: 'running'; startedOn: Day; dueOn: Day }
  /** Its time is not known: it never expires. */
  | { status: 'unlimited'; startedOn: Day }
  /** Days stand still until what was asked for is there. */
  | { status: 'paused'; startedOn: Day; since: Day }
  | { status: 'stopped'; startedOn: Day; on: Day; dueOn: Day | null }
  | { status: 'expired'; startedOn: Day; dueOn: Day };

/** The last pause has no end while it lasts. */
type Pause = { from: Day; until: Day | undefined };

/** What has happened that starts, stops, pauses or extends clocks; outcomes in the order in which they happened. */
export type ClockRecord = { outcomes: readonly StepOutcome[]; extensions: readonly ClockExtension[] };

/** A clock from its start to its stop, or to today while it is not stopped. */
type Run = {
  startedOn: Day;
  stoppedOn: Day | undefined;
  /** The last day of which anything is known. */
  end: Day;
  pauses: readonly Pause[];
  extensions: readonly ClockExtension[];
};

/** Longest time for which a clock is computed, in days: a century. */
const daysMax = 36_600;

/**
 * How a clock stands on a day, from what has happened up to then. The day of the event that starts it is not counted
 * (as Regulation (EEC) 1182/71 has it); nor are the days after a pause began up to the day it ends.
 */
export function clockOn(
  clock: Clock,
  record: ClockRecord,
  today: Day,
  isWorkingDay: IsWorkingDay,
): ClockState {
  const run = runOf(clock, record, today);
  if (run === undefined) return { status: 'notStarted' };
  const { startedOn, stoppedOn, end, pauses } = run;
  const dueOn = dueDay(clock, run, isWorkingDay);
  if (dueOn !== null && dueOn < end) return { status: 'expired', startedOn, dueOn };
  if (stoppedOn !== undefined) return { status: 'stopped', startedOn, on: stoppedOn, dueOn };
  if (clock.limit === 'unknown') return { status: 'unlimited', startedOn };
  const open = pauses.find(({ until }) => until === undefined);
  if (open !== undefined || dueOn === null)
    return { status: 'paused', startedOn, since: open?.from ?? startedOn };
  return { status: 'running', startedOn, dueOn };
}

/** Undefined for a clock that has not started. */
function runOf(clock: Clock, { outcomes, extensions }: ClockRecord, today: Day): Run | undefined {
  const past = outcomes.filter(({ on }) => on <= today);
  const start = past.findIndex(({ event }) => event === clock.startsOn);
  const started = past[start];
  if (started === undefined) return undefined;
  const since = past.slice(start + 1);
  const stop = since.findIndex(({ event }) => clock.stopsOn.includes(event));
  const stoppedOn = since[stop]?.on;
  const pauses = pausesIn(clock, stop < 0 ? since : since.slice(0, stop));
  return { startedOn: started.on, stoppedOn, end: stoppedOn ?? today, pauses, extensions };
}

/** The pauses of a clock, merged: each ends with the first of the outcomes it waits for, and with no other. */
function pausesIn({ pauses }: Clock, outcomes: readonly StepOutcome[]): Pause[] {
  const merged: Pause[] = [];
  const ends = Map.groupBy(pauses, ({ from }) => from);
  const found = [...ends].flatMap(([from, some]) =>
    pausesOf(
      from,
      some.map(({ until }) => until),
      outcomes,
    ),
  );
  for (const pause of found.toSorted((one, other) => one.from.localeCompare(other.from))) {
    const before = merged.at(-1);
    if (before === undefined || (before.until !== undefined && before.until < pause.from)) merged.push(pause);
    else if (before.until !== undefined && (pause.until === undefined || pause.until > before.until))
      before.until = pause.until;
  }
  return merged;
}

function pausesOf(from: string, until: readonly string[], outcomes: readonly StepOutcome[]): Pause[] {
  const found: Pause[] = [];
  for (const { event, on } of outcomes) {
    const open = found.find((each) => each.until === undefined);
    if (open === undefined && event === from) found.push({ from: on, until: undefined });
    else if (open !== undefined && until.includes(event)) open.until = on;
  }
  return found;
}

/** The last day of its time; null while a pause lasts that began in time, or where the time is not known. */
function dueDay(clock: Clock, run: Run, isWorkingDay: IsWorkingDay): Day | null {
  if (clock.limit === 'unknown') return null;
  let due = after(run.startedOn, clock.limit, run, isWorkingDay);
  if (due === null || clock.extension === undefined) return due;
  const inTime = run.extensions.find(
    ({ clock: id, on }) => id === clock.id && on <= (due ?? on) && on <= run.end,
  );
  if (inTime !== undefined) due = after(due, clock.extension.by, run, isWorkingDay);
  return due;
}

/** The day on which a length of time from a day on is over, pauses apart. */
function after(from: Day, length: Length, { pauses }: Run, isWorkingDay: IsWorkingDay): Day | null {
  const last = length.unit === 'month' ? plusMonths(from, length.n) : undefined;
  let left = last === undefined ? length.n : daysBetween(from, last);
  let day = from;
  for (let passed = 0; left > 0 && passed < daysMax; passed += 1) {
    day = plusDays(day, 1);
    const pause = pauses.find((each) => each.from < day && (each.until === undefined || day <= each.until));
    if (pause !== undefined && pause.until === undefined) return null;
    if (pause === undefined && (length.unit !== 'workingDay' || isWorkingDay(day))) left -= 1;
  }
  return stillOn(day, pauses);
}

/** A pause that begins on the last day began in time: that day then lasts until the pause ends. */
function stillOn(last: Day, pauses: readonly Pause[]): Day | null {
  let day = last;
  for (const { from, until } of pauses) {
    if (from !== day) continue;
    if (until === undefined) return null;
    day = until;
  }
  return day;
}

function daysBetween(from: Day, until: Day): number {
  return Math.round((Date.parse(until) - Date.parse(from)) / 86_400_000);
}

/** The last day of a clock's time, and what follows when that day is over. */
export type ClockDeadline = { clock: string; dueOn: Day; action: Clock['onExpiry'] };

/** The deadlines of the clocks that run or have expired; those before `today` have passed. */
export function clockDeadlines(
  clocks: readonly Clock[],
  record: ClockRecord,
  today: Day,
  isWorkingDay: IsWorkingDay,
): ClockDeadline[] {
  return clocks.flatMap((clock) => {
    const state = clockOn(clock, record, today, isWorkingDay);
    return state.status === 'running' || state.status === 'expired'
      ? [{ clock: clock.id, dueOn: state.dueOn, action: clock.onExpiry }]
      : [];
  });
}
