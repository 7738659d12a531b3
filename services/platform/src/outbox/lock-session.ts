import { AppError } from '../errors.ts';
import type { Queryable, Session } from '../postgres.ts';

/** Well below the time after which the server ends a silent session. */
const pulseMs = 1_000;

/**
 * Awaits work that sends no statements, and sends some meanwhile, so that the session which holds a lock is not
 * silent. A process that is frozen sends none: the server then ends its session, and the lock is free.
 *
 * @throws AppError `unavailable` when the session, and the lock with it, is lost before the work is done
 */
export async function keepLockWhile<T>(session: Queryable & Session, work: Promise<T>): Promise<T> {
  const done = new AbortController();
  const lost = new Promise<never>((_, reject) => {
    const end = () => reject(new AppError('unavailable', 'UNAVAILABLE', 'the lock session has ended'));
    if (session.lost.aborted) end();
    session.lost.addEventListener('abort', end, { once: true, signal: done.signal });
    const pulse = setInterval(() => void session.query('SELECT 1').catch(reject), pulseMs);
    done.signal.addEventListener('abort', () => clearInterval(pulse));
  });
  try {
    return await Promise.race([work, lost]);
  } finally {
    done.abort();
  }
}
