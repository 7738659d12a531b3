import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AppError } from './errors.ts';
import { startRetention } from './retention.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('while more is left it goes on each second, otherwise each minute, and a failure is told and passed over', async () => {
  const outcomes: (boolean | Error)[] = [true, new AppError('unavailable', 'UNAVAILABLE', 'away'), false];
  let rounds = 0;
  const logged: string[] = [];
  const forgetting = startRetention(
    () => {
      const outcome = outcomes[rounds] ?? false;
      rounds += 1;
      return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
    },
    (_, { reason }) => void logged.push(reason),
  );
  const roundsAfter: number[] = [];
  for (const seconds of [1, 1, 59, 1, 59, 1]) {
    await vi.advanceTimersByTimeAsync(seconds * 1_000);
    roundsAfter.push(rounds);
  }
  expect(roundsAfter).toEqual([1, 2, 2, 3, 3, 4]);
  expect(logged).toEqual(['UNAVAILABLE']);
  await forgetting.stop();
  await vi.advanceTimersByTimeAsync(600_000);
  expect(rounds).toBe(4);
});
