import { AppError } from '../errors.ts';
import type { Queryable, Session } from '../postgres.ts';

/** Well below the time after which the server ends a silent session. */
const pulseMs = 1_000;

/**
 * Awaits work that has nothing to say to the database, and keeps the session that holds a lock from falling silent
 * with it. A process that is frozen keeps nothing alive: the server then ends its session, and the lock is free.
 *
 * @throws AppError `unavailable` when the session, and the lock with it, is lost before the work is done
 */
export async function keepLockAlive<T>(session: Queryable & Session, work: Promise<T>): Promise<T> {
  const held = new AbortController();
  const lost = new Promise<never>((_, reject) => {
    const gone = () => reject(new AppError('unavailable', 'UNAVAILABLE', 'the lock session has ended'));
    if (session.lost.aborted) gone();
    session.lost.addEventListener('abort', gone, { once: true, signal: held.signal });
    const pulse = setInterval(() => void session.query('SELECT 1').catch(reject), pulseMs);
    held.signal.addEventListener('abort', () => clearInterval(pulse));
  });
  try {
    return await Promise.race([work, lost]);
  } finally {
    held.abort();
  }
}
