import fc from 'fast-check';
import { propertyLimitMs, propertyRuns } from '../../../../../tests/setup/property-runs.ts';
import { describe, expect, test } from 'vitest';
import { clockOn, clockDeadlines, type StepOutcome, type ClockExtension } from './clock.ts';
import { plusDays } from './days.ts';
import type { Clock } from '../definition/procedure.ts';

const clock = (changes: Partial<Clock>): Clock => ({
  id: 'decision',
  label: {},
  runsFor: 'authority',
  startsOn: 'accepted',
  stopsOn: ['granted', 'refused'],
  limit: { n: 10, unit: 'calendarDay' },
  nature: 'statutory',
  onExpiry: 'escalate',
  sources: [],
  pauses: [{ from: 'asked', until: 'supplied' }],
  ...changes,
});

const weekday = (day: string) => ![0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay());
const on = (event: string, day: string): StepOutcome => ({ event, on: day });
const record = (outcomes: StepOutcome[], extensions: ClockExtension[] = []) => ({ outcomes, extensions });

describe('a clock of ten days that began on Monday, 2 June 2025', () => {
  const begun = [on('accepted', '2025-06-02')];
  const stateOn = (
    day: string,
    more: StepOutcome[] = [],
    changes: Partial<Clock> = {},
    longer: ClockExtension[] = [],
  ) => clockOn(clock(changes), record([...begun, ...more], longer), day, weekday);

  test.each([
    ['2025-06-01', { status: 'notStarted' }],
    ['2025-06-11', { status: 'running', startedOn: '2025-06-02', dueOn: '2025-06-12' }],
    ['2025-06-12', { status: 'running', startedOn: '2025-06-02', dueOn: '2025-06-12' }],
    ['2025-06-13', { status: 'expired', startedOn: '2025-06-02', dueOn: '2025-06-12' }],
  ])('on %s', (day, state) => expect(stateOn(day)).toEqual(state));

  test('in working days ends two weeks later', () => {
    const limit = { n: 10, unit: 'workingDay' } as const;
    expect(stateOn('2025-06-16', [], { limit })).toMatchObject({ status: 'running', dueOn: '2025-06-16' });
    expect(stateOn('2025-06-17', [], { limit })).toMatchObject({ status: 'expired', dueOn: '2025-06-16' });
  });

  test('is paused while documents are missing', () => {
    const asked = [on('asked', '2025-06-05')];
    expect(stateOn('2026-01-01', asked)).toEqual({
      status: 'paused',
      startedOn: '2025-06-02',
      since: '2025-06-05',
    });
    const supplied = [...asked, on('supplied', '2025-06-20')];
    expect(stateOn('2025-06-27', supplied)).toMatchObject({ status: 'running', dueOn: '2025-06-27' });
    expect(stateOn('2025-06-28', supplied)).toMatchObject({ status: 'expired', dueOn: '2025-06-27' });
  });

  test('is open on its last day as long as a pause lasts that began on it', () => {
    const asked = [on('asked', '2025-06-12')];
    expect(stateOn('2025-06-13', asked)).toMatchObject({ status: 'paused' });
    const supplied = [...asked, on('supplied', '2025-06-20')];
    expect(stateOn('2025-06-20', supplied)).toMatchObject({ status: 'running', dueOn: '2025-06-20' });
    expect(stateOn('2025-06-21', supplied)).toMatchObject({ status: 'expired', dueOn: '2025-06-20' });
  });

  test('is paused while any of its pauses lasts: the end of one does not end another', () => {
    const both = {
      pauses: [
        { from: 'asked', until: 'supplied' },
        { from: 'pending', until: 'ended' },
      ],
    };
    const overlapping = [
      on('pending', '2025-06-04'),
      on('asked', '2025-06-05'),
      on('supplied', '2025-06-06'),
    ];
    expect(stateOn('2025-06-20', overlapping, both)).toEqual({
      status: 'paused',
      startedOn: '2025-06-02',
      since: '2025-06-04',
    });
    const over = [...overlapping, on('ended', '2025-06-20')];
    // Sixteen days stood still, the two within them among these.
    expect(stateOn('2025-06-21', over, both)).toMatchObject({ status: 'running', dueOn: '2025-06-28' });
  });

  test('continues with the first of several outcomes that a pause waits for', () => {
    const either = {
      pauses: [
        { from: 'asked', until: 'supplied' },
        { from: 'asked', until: 'waived' },
      ],
    };
    const asked = on('asked', '2025-06-04');
    for (const event of ['supplied', 'waived'])
      expect(stateOn('2025-06-07', [asked, on(event, '2025-06-06')], either)).toMatchObject({
        status: 'running',
        dueOn: '2025-06-14',
      });
  });

  test('is not brought back by a pause that begins after its end', () => {
    expect(stateOn('2025-07-01', [on('asked', '2025-06-13')])).toMatchObject({ status: 'expired' });
  });

  test('is stopped on its last day, and too late on the next', () => {
    expect(stateOn('2025-07-01', [on('granted', '2025-06-12')])).toMatchObject({ status: 'stopped' });
    expect(stateOn('2025-07-01', [on('granted', '2025-06-13')])).toMatchObject({ status: 'expired' });
  });

  test('is extended once, and in time only', () => {
    const extension = { by: { n: 5, unit: 'calendarDay' }, who: 'authority', reasonRequired: true } as const;
    const longer = (day: string) => [{ clock: 'decision', on: day, reason: 'an expert is asked' }];
    expect(stateOn('2025-06-17', [], { extension }, longer('2025-06-12'))).toMatchObject({
      status: 'running',
      dueOn: '2025-06-17',
    });
    expect(stateOn('2025-06-18', [], { extension }, longer('2025-06-12'))).toMatchObject({
      status: 'expired',
    });
    expect(stateOn('2025-06-14', [], { extension }, longer('2025-06-13'))).toMatchObject({
      status: 'expired',
      dueOn: '2025-06-12',
    });
    expect(stateOn('2025-06-14', [], {}, longer('2025-06-12'))).toMatchObject({ status: 'expired' });
  });

  test('of unknown length never expires', () => {
    expect(stateOn('2099-01-01', [], { limit: 'unknown' })).toMatchObject({ status: 'unlimited' });
  });
});

test('months end on the same day, or on the last there is', () => {
  const month = clock({ limit: { n: 1, unit: 'month' } });
  const dueFrom = (day: string) => clockOn(month, record([on('accepted', day)]), day, weekday);
  expect(dueFrom('2025-06-15')).toMatchObject({ dueOn: '2025-07-15' });
  expect(dueFrom('2025-01-31')).toMatchObject({ dueOn: '2025-02-28' });
});

/** Says the same day by day, with nothing remembered but what is left. */
function oracle(limit: number, isCounted: (day: string) => boolean, outcomes: StepOutcome[], days: string[]) {
  let left = limit;
  let mode: 'before' | 'running' | 'paused' | 'over' = 'before';
  for (const day of days) {
    if (mode === 'running' && left === 0) return day;
    if (mode === 'running' && isCounted(day)) left -= 1;
    for (const { event } of outcomes.filter((each) => each.on === day)) {
      if (mode === 'before' && event === 'accepted') mode = 'running';
      else if (mode === 'running' && event === 'asked') mode = 'paused';
      else if (mode === 'paused' && event === 'supplied') mode = 'running';
      else if ((mode === 'running' || mode === 'paused') && event === 'granted') mode = 'over';
    }
  }
  return undefined;
}

const events = fc.array(
  fc.record({
    event: fc.constantFrom('accepted', 'asked', 'supplied', 'granted', 'other'),
    after: fc.integer({ min: 0, max: 12 }),
  }),
  { maxLength: 12 },
);
const holidays = fc.uniqueArray(fc.integer({ min: 0, max: 120 }), { maxLength: 20 });
const looks = fc.array(fc.integer({ min: 0, max: 160 }), { minLength: 1, maxLength: 30 });
const unit = fc.constantFrom('calendarDay' as const, 'workingDay' as const);

test(
  'a deadline that passed is processed exactly once, for any calendar, pauses and days of processing',
  () => {
    fc.assert(
      fc.property(
        events,
        holidays,
        looks,
        unit,
        fc.integer({ min: 1, max: 30 }),
        (steps, free, lookedAt, of, n) => {
          const first = '2025-05-01';
          const dayAt = (number: number) => plusDays(first, number);
          let place = 0;
          const outcomes = steps.map(({ event, after }) => on(event, dayAt((place += after))));
          const isWorkingDay = (day: string) => weekday(day) && !free.some((number) => dayAt(number) === day);
          const each = clock({ limit: { n, unit: of } });
          const days = Array.from({ length: 400 }, (_, number) => dayAt(number));
          const expected = oracle(n, (day) => of === 'calendarDay' || isWorkingDay(day), outcomes, days);
          const acted: string[] = [];
          const actedOn: string[] = [];
          // Sorted, each twice over as after a restart, and one look after everything.
          for (const day of [...lookedAt, 399]
            .toSorted((a, b) => a - b)
            .flatMap((look) => [dayAt(look), dayAt(look)]))
            for (const { clock: id, action } of clockDeadlines(
              [each].filter((one) => !acted.includes(one.id)),
              record(outcomes),
              day,
              isWorkingDay,
            ).filter(({ dueOn }) => dueOn < day)) {
              expect(action).toBe('escalate');
              acted.push(id);
              actedOn.push(day);
            }
          expect(actedOn.length).toBe(expected === undefined ? 0 : 1);
          if (expected !== undefined) expect(actedOn[0]! >= expected).toBe(true);
        },
      ),
      { numRuns: propertyRuns },
    );
  },
  propertyLimitMs,
);
