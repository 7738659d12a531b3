import { setTimeout as pause } from 'node:timers/promises';
import { toAppError } from '../errors.ts';
import type { Producer } from '../kafka.ts';
import type { Stoppable } from '../lifecycle.ts';
import { observe } from '../metrics.ts';
import { startPeriodic } from '../periodic.ts';
import { connectSession, type Queryable } from '../postgres.ts';
import { wakeablePause } from '../wakeable-pause.ts';
import type { Heartbeats } from './heartbeats.ts';
import { waitForLeadership } from './leader-election.ts';
import { keepLockWhile } from './lock-session.ts';
import { publishUntilStopped, type Publishing } from './publishing-loop.ts';

export type OutboxRelayOptions = {
  databaseUrl: string;
  /** Called at the start and after every failure: a producer that failed is never used again. */
  createProducer(): Promise<Producer>;
  heartbeats: Heartbeats;
  limit?: number;
  pollMs?: number;
  heartbeatMs?: number;
  log(message: string, fields: Record<string, unknown>): void;
};

export type OutboxRelay = Stoppable & {
  /** Notifies the relay of a commit, so that it does not wait for the next poll. */
  poke(): void;
  /** Age of the oldest row known to wait, by this machine's clock; 0 when none does, and in a relay that stands by. */
  oldestAgeSeconds(): number;
};

const restartMs = 200;

/**
 * Publishes outbox rows. One relay per database is active, by an advisory lock; the others stand by. In each round
 * the database's clock is read in one statement and the rows in a later one; when all are acknowledged and fewer
 * than the limit were read, every change committed before that clock time has been published, and a heartbeat states
 * that time.
 */
export function startOutboxRelay(options: OutboxRelayOptions): OutboxRelay {
  const poll = wakeablePause();
  const waiting: Publishing['waiting'] = { since: undefined };
  const oldestAgeSeconds = () =>
    waiting.since === undefined ? 0 : Math.max(0, Date.now() - waiting.since.getTime()) / 1000;
  const unobserve = observe('aeo.outbox.oldest.age', () => [{ value: oldestAgeSeconds(), attributes: {} }]);
  const { limit = 500, pollMs = 25, heartbeatMs = 250, heartbeats } = options;
  const idle = () => poll.rest(pollMs);
  const publishing = { idle, waiting, limit, heartbeats, heartbeatMs };
  const leading = startPeriodic({
    name: 'outbox relay',
    everyMs: restartMs,
    firstMs: 0,
    retryMaxMs: restartMs,
    round: (signal) => leadAndPublish(options, { ...publishing, signal }),
    onError: (error) => options.log('outbox relay starts again', { reason: toAppError(error).reason }),
  });
  return {
    name: leading.name,
    poke: poll.wake,
    oldestAgeSeconds,
    stop: async () => {
      unobserve();
      const stopped = leading.stop();
      poll.wake();
      await stopped;
    },
  };
}

const producerStopMaxMs = 1_000;

/** Ends when the relay is stopped; any failure, the loss of the lock for one, is thrown, and the caller starts it again. */
async function leadAndPublish(options: OutboxRelayOptions, publishing: Publishing): Promise<void> {
  const { signal, waiting } = publishing;
  const session = await connectSession(options.databaseUrl, 'outbox relay');
  let creating: Promise<Producer> | undefined;
  try {
    // The relay that holds the lock reports what waits.
    const standBy = () => (waiting.since = undefined);
    if (!(await waitForLeadership(session, signal, standBy))) return;
    // Rows may wait for long before there is a producer to send them by.
    waiting.since = await oldestSince(session);
    creating = options.createProducer();
    await publishUntilStopped(publishing, session, await keepLockWhile(session, creating));
  } finally {
    const ended = creating?.then((producer) => producer.stop());
    await Promise.allSettled([Promise.race([ended, pause(producerStopMaxMs)]), session.stop()]);
  }
}

async function oldestSince(session: Queryable): Promise<Date | undefined> {
  const { rows } = await session.query<{ created_at: Date }>(
    'SELECT created_at FROM outbox ORDER BY id LIMIT 1',
  );
  return rows[0]?.created_at;
}
