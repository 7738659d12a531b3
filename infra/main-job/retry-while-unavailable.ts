import { setTimeout as pause } from 'node:timers/promises';
import { toAppError } from '@aeo/platform/errors';

const attemptsMax = 60;
const retryMs = 500;

/**
 * Retries a request while the service is unavailable, for half a minute at most: a restarted process answers within
 * that. The request must be safe to repeat, such as a command with an idempotency key.
 *
 * @throws what was thrown last, at once where it is anything but `unavailable`
 */
export async function retryWhileUnavailable<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (toAppError(error).code !== 'unavailable' || attempt >= attemptsMax) throw error;
      await pause(retryMs);
    }
  }
}
