import { setTimeout as pause } from 'node:timers/promises';

/** Repeats an assertion until it holds; the last failure is thrown when the time is over. */
export async function eventually<T>(
  assertion: () => T | Promise<T>,
  { timeoutMs = 15_000, everyMs = 25 } = {},
): Promise<T> {
  const endMs = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (Date.now() > endMs) throw error;
      await pause(everyMs);
    }
  }
}
