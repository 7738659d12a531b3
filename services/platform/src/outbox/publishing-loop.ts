import type { OutgoingRecord, Producer } from '../kafka.ts';
import type { Queryable, Session } from '../postgres.ts';
import { heartbeatsAt, type Heartbeats } from './heartbeats.ts';
import { keepLockWhile } from './lock-session.ts';
import { inboxPruning } from './pruning.ts';
import { publishRound } from './publish-round.ts';

export type Publishing = {
  signal: AbortSignal;
  /** Rests until the next poll or commit. */
  idle: () => Promise<void>;
  /** When the oldest row known to wait was written. */
  waiting: { since: Date | undefined };
  limit: number;
  heartbeats: Heartbeats;
  heartbeatMs: number;
};

/**
 * Publishes round after round, sends heartbeats between them and prunes the inbox.
 *
 * @throws AppError when the lock is lost or the producer fails; the producer must then not be used again
 */
export async function publishUntilStopped(
  { signal, idle, waiting, limit, heartbeats, heartbeatMs }: Publishing,
  session: Queryable & Session,
  producer: Producer,
): Promise<void> {
  const send = (records: OutgoingRecord[]) => keepLockWhile(session, producer.send(records));
  const pruning = inboxPruning(session);
  let heartbeatAtMs = 0;
  while (!signal.aborted) {
    const due = heartbeats.topics.length > 0 && performance.now() - heartbeatAtMs >= heartbeatMs;
    // Read before the rows: what was committed before this time is among them or was published.
    const asOf = due ? await databaseTime(session) : undefined;
    const round = await publishRound(session, { limit, send, waiting });
    if (!round.full && asOf !== undefined) {
      await send(heartbeatsAt(asOf, heartbeats));
      heartbeatAtMs = performance.now();
    }
    await pruning.runIfDue();
    if (round.published === 0) await idle();
  }
}

async function databaseTime(session: Queryable): Promise<Date> {
  const { rows } = await session.query<{ now: Date }>({
    name: 'clock',
    text: 'SELECT clock_timestamp() AS now',
  });
  return rows[0]?.now ?? new Date(0);
}
