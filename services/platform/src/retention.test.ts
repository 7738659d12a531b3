import { expect, test } from 'vitest';
import { eventually } from '../../../tests/setup/eventually.ts';
import { AppError } from './errors.ts';
import { startRetention } from './retention.ts';

test('retention runs each second while more rows are left, otherwise each minute, and logs a failure', async () => {
  const outcomes: (boolean | Error)[] = [true, new AppError('unavailable', 'UNAVAILABLE', 'down'), false];
  let rounds = 0;
  const logged: string[] = [];
  const pauses: number[] = [];
  let end: () => void = () => undefined;
  const retention = startRetention(
    () => {
      const outcome = outcomes[rounds] ?? false;
      rounds += 1;
      return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
    },
    (_, { reason }) => void logged.push(reason),
    (ms, signal) => {
      pauses.push(ms);
      return new Promise<void>((resolve) => {
        end = resolve;
        signal.addEventListener('abort', () => resolve());
      });
    },
  );
  for (const roundsBefore of [0, 1, 2, 3]) {
    expect(rounds).toBe(roundsBefore);
    end();
    await eventually(() => expect(pauses).toHaveLength(roundsBefore + 2));
  }
  expect(pauses).toEqual([1_000, 1_000, 60_000, 60_000, 60_000]);
  expect(logged).toEqual(['UNAVAILABLE']);
  await retention.stop();
  expect(rounds).toBe(4);
});
