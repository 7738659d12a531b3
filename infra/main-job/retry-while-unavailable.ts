import { setTimeout as pause } from 'node:timers/promises';
import { toAppError } from '@aeo/platform/errors';

const attemptsMax = 60;
const retryMs = 500;

/**
 * Asks again while a service is away, half a minute at most: a process that is started again answers within that.
 * What is asked must bear being done twice, such as a command under an idempotency key.
 *
 * @throws what was thrown last, at once where it is anything but `unavailable`
 */
export async function retryWhileUnavailable<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (toAppError(error).code !== 'unavailable' || attempt >= attemptsMax) throw error;
      await pause(retryMs);
    }
  }
}
