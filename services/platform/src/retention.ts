import { toAppError } from './errors.ts';
import type { Stoppable } from './lifecycle.ts';
import { startPeriodic } from './periodic.ts';
import type { Pause } from './wakeable-pause.ts';

const everyMs = 60_000;
/** The pause at the start, and while more rows are left. */
const busyMs = 1_000;

/**
 * Deletes rows that are older than their retention each minute, and each second while more are left. A round that
 * fails is logged and retried after a minute.
 *
 * @param deleteOld deletes a bounded number of rows; true where more may be left
 */
export function startRetention(
  deleteOld: () => Promise<boolean>,
  log: (message: string, fields: { reason: string }) => void,
  pause?: Pause,
): Stoppable {
  return startPeriodic({
    name: 'retention',
    everyMs,
    firstMs: busyMs,
    round: async () => ((await deleteOld()) ? busyMs : undefined),
    onError: (error) => log('old rows are not deleted this time', { reason: toAppError(error).reason }),
    ...(pause === undefined ? {} : { pause }),
  });
}
