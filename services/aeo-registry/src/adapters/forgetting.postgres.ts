import { toAppError } from '@aeo/platform/errors';
import type { Stoppable } from '@aeo/platform/lifecycle';
import type { Database } from '@aeo/platform/postgres';

/** For how long a caller may retry under a key. */
const keptAnswersDays = 30;

/**
 * For how long a record of the control topic may come again: the topic keeps it for 30 days, and somewhat longer until
 * its segment is full; nothing older can be delivered once more.
 */
const seenEventsDays = 60;

/** Rows a statement deletes at most, so that none holds its locks for long. */
const rowsMax = 1_000;

const statements = [
  {
    name: 'forget-answers',
    text: `DELETE FROM idempotency WHERE (caller, key) IN (
             SELECT caller, key FROM idempotency WHERE answered_at < clock_timestamp() - $1 * interval '1 day'
             ORDER BY answered_at LIMIT $2 FOR UPDATE SKIP LOCKED)`,
    days: keptAnswersDays,
  },
  {
    name: 'forget-events',
    text: `DELETE FROM inbox WHERE (consumer, event_id) IN (
             SELECT consumer, event_id FROM inbox WHERE seen_at < clock_timestamp() - $1 * interval '1 day'
             ORDER BY seen_at LIMIT $2 FOR UPDATE SKIP LOCKED)`,
    days: seenEventsDays,
  },
];

/** Forgets a bounded number of the oldest answers and events. True where more may be left. */
export async function forgetOld(database: Pick<Database, 'query'>): Promise<boolean> {
  let full = false;
  for (const { name, text, days } of statements) {
    const { rowCount } = await database.query({ name, text }, [days, rowsMax]);
    full ||= rowCount === rowsMax;
  }
  return full;
}

const everyMs = { usual: 60_000, busy: 1_000 };

/** Forgets now and then, sooner while more is left. Any number of instances may: rows another has locked are left. */
export function startForgetting(
  database: Database,
  log: (message: string, fields: { reason: string }) => void,
): Stoppable {
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> = Promise.resolve();
  let stopped = false;
  const next = (waitMs: number) => {
    if (!stopped) timer = setTimeout(() => void (round = forget()), waitMs);
  };
  const forget = async () => {
    try {
      next((await forgetOld(database)) ? everyMs.busy : everyMs.usual);
    } catch (error) {
      log('nothing forgotten this time', { reason: toAppError(error).reason });
      next(everyMs.usual);
    }
  };
  next(0);
  return {
    name: 'forgetting',
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await round;
    },
  };
}
