import { setTimeout as pause } from 'node:timers/promises';
import { toAppError } from '../errors.ts';
import { newId } from '../ids.ts';
import { observe } from '../metrics.ts';
import { pruneInbox } from '../inbox.ts';
import type { OutgoingRecord, Producer } from '../kafka.ts';
import type { Stoppable } from '../lifecycle.ts';
import { keepLockAlive } from './lock-session.ts';
import { publishRound } from './round.ts';
import { connectSession, type Queryable, type Session } from '../postgres.ts';

export type OutboxRelayOptions = {
  databaseUrl: string;
  /** Called at the start and after every failure: a producer that failed is never used again. */
  createProducer(): Promise<Producer>;
  heartbeats: {
    topics: readonly { name: string; partitions: number }[];
    encode(asOf: Date, partition: number): Uint8Array;
  };
  limit?: number;
  pollMs?: number;
  heartbeatMs?: number;
  log(message: string, fields: Record<string, unknown>): void;
};

export type OutboxRelay = Stoppable & {
  /** Tells the relay of a commit, so that it need not wait for the next poll. */
  poke(): void;
  /** Age of the oldest row known to wait, by this machine's clock; 0 when none does, and in a relay that stands by. */
  oldestAgeSeconds(): number;
};

/** A lock session that hears nothing for this long is ended by the server: a frozen holder loses the lock. */
const idleSessionMs = 5_000;
const standbyMs = 400;
const pruneMs = { more: 1_000, idle: 60_000 };

/**
 * Publishes outbox rows. One relay per database is active, by an advisory lock; the others stand by. In each round
 * the database's clock is read in one statement and the rows in a later one; when all are acknowledged and fewer
 * than the limit came, every change committed before that clock time has been published, and a heartbeat says so.
 */
export function startOutboxRelay(options: OutboxRelayOptions): OutboxRelay {
  const stopping = new AbortController();
  const idle = pokableRest();
  const waiting: { since: Date | undefined } = { since: undefined };
  const oldestAgeSeconds = () =>
    waiting.since === undefined ? 0 : Math.max(0, Date.now() - waiting.since.getTime()) / 1000;
  const unobserve = observe('aeo.outbox.oldest.age', () => [{ value: oldestAgeSeconds(), attributes: {} }]);
  const rest = (ms: number) => pause(ms, undefined, { signal: stopping.signal }).catch(() => undefined);
  const ended = (async () => {
    while (!stopping.signal.aborted) {
      try {
        await holdAndRelay(options, { signal: stopping.signal, rest, idle: idle.rest, waiting });
      } catch (error) {
        options.log('outbox relay starts again', { reason: toAppError(error).reason });
        await rest(200);
      }
    }
  })();
  return {
    name: 'outbox relay',
    poke: idle.poke,
    oldestAgeSeconds,
    stop: async () => {
      unobserve();
      stopping.abort();
      idle.poke();
      await ended;
    },
  };
}

/** A rest that a poke ends; one that comes while there is none ends the next before it begins. */
function pokableRest() {
  let poked = false;
  let wake: () => void = () => undefined;
  return {
    poke: () => {
      poked = true;
      wake();
    },
    rest: async (ms: number) => {
      if (!poked)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => (clearTimeout(timer), resolve());
        });
      poked = false;
    },
  };
}

type Running = {
  signal: AbortSignal;
  /** Ended by nothing but the end of the relay: whoever stands by, or has failed, does not hurry for a commit. */
  rest: (ms: number) => Promise<unknown>;
  /** Ended by a commit as well. */
  idle: (ms: number) => Promise<void>;
  /** When the oldest row was written that is known to wait. */
  waiting: { since: Date | undefined };
};

async function holdAndRelay(options: OutboxRelayOptions, running: Running) {
  const session = await connectSession(options.databaseUrl, 'outbox relay');
  let making: Promise<Producer> | undefined;
  try {
    await session.query(`SET idle_session_timeout = ${idleSessionMs}`);
    while (!running.signal.aborted && !(await tryLock(session))) {
      // What waits is told by the relay that holds the lock.
      running.waiting.since = undefined;
      await running.rest(standbyMs);
    }
    if (running.signal.aborted) return;
    // Rows may wait for long before there is a producer to send them by.
    running.waiting.since = await oldestSince(session);
    making = options.createProducer();
    await relay(options, running, session, await keepLockAlive(session, making));
  } finally {
    const ended = making?.then((producer) => producer.stop());
    await Promise.allSettled([Promise.race([ended, pause(1_000)]), session.stop()]);
  }
}

async function relay(
  options: OutboxRelayOptions,
  { signal, idle, waiting }: Running,
  session: Queryable & Session,
  producer: Producer,
): Promise<void> {
  const send = (records: OutgoingRecord[]) => keepLockAlive(session, producer.send(records));
  let heartbeatAtMs = 0;
  let pruneAtMs = 0;
  while (!signal.aborted) {
    const beats = options.heartbeats.topics.length > 0;
    const due = beats && performance.now() - heartbeatAtMs >= (options.heartbeatMs ?? 250);
    // Read before the rows: what was committed before this time is among them or was published.
    const asOf = due ? await databaseTime(session) : undefined;
    const round = await publishRound(session, { limit: options.limit ?? 500, send, waiting });
    if (!round.full && asOf !== undefined) {
      await send(heartbeatsAt(asOf, options));
      heartbeatAtMs = performance.now();
    }
    if (performance.now() >= pruneAtMs) {
      const more = await pruneInbox(session);
      pruneAtMs = performance.now() + (more ? pruneMs.more : pruneMs.idle);
    }
    if (round.published === 0) await idle(options.pollMs ?? 25);
  }
}

async function tryLock(session: Queryable & Session): Promise<boolean> {
  const { rows } = await session.query<{ held: boolean }>(
    "SELECT pg_try_advisory_lock(hashtext('aeo outbox relay')) AS held",
  );
  return rows[0]?.held === true;
}

async function oldestSince(session: Queryable): Promise<Date | undefined> {
  const { rows } = await session.query<{ created_at: Date }>(
    'SELECT created_at FROM outbox ORDER BY id LIMIT 1',
  );
  return rows[0]?.created_at;
}

async function databaseTime(session: Queryable): Promise<Date> {
  const { rows } = await session.query<{ now: Date }>({
    name: 'clock',
    text: 'SELECT clock_timestamp() AS now',
  });
  return rows[0]?.now ?? new Date(0);
}

function heartbeatsAt(asOf: Date, { heartbeats }: OutboxRelayOptions): OutgoingRecord[] {
  return heartbeats.topics.flatMap(({ name, partitions }) =>
    Array.from({ length: partitions }, (_, partition) => ({
      topic: name,
      partition,
      key: `heartbeat/${partition}`,
      value: heartbeats.encode(asOf, partition),
      headers: { 'event-id': newId(), 'event-type': 'heartbeat', 'occurred-at': asOf.toISOString() },
    })),
  );
}
