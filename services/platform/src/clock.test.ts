import fc from 'fast-check';
import { expect, test } from 'vitest';
import { databaseClock } from './clock.ts';

test('before the first observation there is no reading', () => {
  expect(databaseClock(() => 0).read()).toBeUndefined();
});

test('an old observation gives no reading', () => {
  let nowMs = 100;
  const clock = databaseClock(() => nowMs, 1_000);
  clock.observe(5_000_000, 98, 100);
  nowMs = 1_101;
  expect(clock.read()).toBeUndefined();
});

test('half of the round trip counts as error, since either half may be the longer one', () => {
  const clock = databaseClock(() => 400);
  clock.observe(5_000_000, 0, 400);
  expect(clock.read()?.errorMs).toBeGreaterThanOrEqual(200);
});

test('the true time always lies within the error, whatever the round trips', () => {
  const trips = fc.array(fc.record({ there: fc.nat(400), back: fc.nat(400), pause: fc.nat(1_500) }), {
    minLength: 1,
  });
  fc.assert(
    fc.property(trips, (rounds) => {
      let nowMs = 0;
      const databaseMs = () => 1_700_000_000_000 + nowMs;
      const clock = databaseClock(() => nowMs);
      for (const { there, back, pause } of rounds) {
        const sent = nowMs;
        nowMs += there;
        const read = databaseMs();
        nowMs += back;
        clock.observe(read, sent, nowMs);
        nowMs += pause;
        const reading = clock.read();
        if (reading === undefined) continue;
        expect(Math.abs(reading.nowMs - databaseMs())).toBeLessThanOrEqual(reading.errorMs + 1e-6);
      }
    }),
  );
});

test('a quick answer is preferred to a later slow one', () => {
  let nowMs = 0;
  const clock = databaseClock(() => nowMs);
  clock.observe(10_000, 0, 2);
  nowMs = 500;
  clock.observe(10_450, 2, 500);
  expect(clock.read()?.errorMs).toBeLessThan(2);
});
