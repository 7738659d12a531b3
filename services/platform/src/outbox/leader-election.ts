import { setTimeout as pause } from 'node:timers/promises';
import type { Queryable, Session } from '../postgres.ts';

/** The server ends a lock session that is silent for this long: a holder that is frozen loses the lock. */
const idleSessionMs = 5_000;
const standbyMs = 400;

/**
 * Waits until the session holds the lock of the database's relays, which it then holds until it ends.
 *
 * @param standBy called each time another relay holds the lock
 * @returns false when the signal was aborted before
 */
export async function waitForLeadership(
  session: Queryable & Session,
  signal: AbortSignal,
  standBy: () => void,
): Promise<boolean> {
  await session.query(`SET idle_session_timeout = ${idleSessionMs}`);
  while (!signal.aborted && !(await tryLock(session))) {
    standBy();
    await pause(standbyMs, undefined, { signal }).catch(() => undefined);
  }
  return !signal.aborted;
}

async function tryLock(session: Queryable): Promise<boolean> {
  const { rows } = await session.query<{ held: boolean }>(
    "SELECT pg_try_advisory_lock(hashtext('aeo outbox relay')) AS held",
  );
  return rows[0]?.held === true;
}
