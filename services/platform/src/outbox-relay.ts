import { setTimeout as pause } from 'node:timers/promises';
import { toAppError } from './errors.ts';
import { newId } from './ids.ts';
import { observe } from './metrics.ts';
import type { OutgoingRecord, Producer } from './kafka.ts';
import type { Stoppable } from './lifecycle.ts';
import { connectSession, type Queryable, type Session } from './postgres.ts';

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
};

type Row = {
  id: bigint;
  topic: string;
  partition: number;
  key: string;
  value: Buffer;
  headers: Record<string, string>;
  created_at: Date;
};

/** A lock session that hears nothing for this long is ended by the server: a frozen holder loses the lock. */
const idleSessionMs = 5_000;
const standbyMs = 400;
const keepRowsOf =
  'SELECT id, topic, partition, key, value, headers, created_at FROM outbox ORDER BY id LIMIT $1';

/**
 * Publishes outbox rows. One relay per database is active, by an advisory lock; the others stand by. In each round
 * the database's clock is read in one statement and the rows in a later one; when all are acknowledged and fewer
 * than the limit came, every change committed before that clock time has been published, and a heartbeat says so.
 */
export function startOutboxRelay(options: OutboxRelayOptions): OutboxRelay {
  const stopping = new AbortController();
  let wake: () => void = () => undefined;
  const waiting: { since: Date | undefined } = { since: undefined };
  observe('aeo.outbox.oldest.age', () =>
    waiting.since === undefined ? 0 : (Date.now() - waiting.since.getTime()) / 1000,
  );
  const rest = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => (clearTimeout(timer), resolve());
    });
  const ended = (async () => {
    while (!stopping.signal.aborted) {
      try {
        await holdAndRelay(options, { signal: stopping.signal, rest, waiting });
      } catch (error) {
        options.log('outbox relay starts again', { reason: toAppError(error).reason });
        await rest(200);
      }
    }
  })();
  return {
    name: 'outbox relay',
    poke: () => wake(),
    stop: async () => {
      stopping.abort();
      wake();
      await ended;
    },
  };
}

type Running = {
  signal: AbortSignal;
  rest: (ms: number) => Promise<void>;
  /** When the oldest row was written that is known to wait. */
  waiting: { since: Date | undefined };
};

async function holdAndRelay(options: OutboxRelayOptions, { signal, rest, waiting }: Running) {
  const session = await connectSession(options.databaseUrl, 'outbox relay');
  let producer: Producer | undefined;
  try {
    await session.query(`SET idle_session_timeout = ${idleSessionMs}`);
    while (!signal.aborted && !(await tryLock(session))) await rest(standbyMs);
    producer = await options.createProducer();
    let heartbeatAtMs = 0;
    while (!signal.aborted) {
      const beats = options.heartbeats.topics.length > 0;
      const due = beats && performance.now() - heartbeatAtMs >= (options.heartbeatMs ?? 250);
      // Read before the rows: what was committed before this time is among them or was published.
      const asOf = due ? await databaseTime(session) : undefined;
      const round = await publish(session, producer, options.limit ?? 500, waiting);
      if (!round.full && asOf !== undefined) {
        await producer.send(heartbeatsAt(asOf, options));
        heartbeatAtMs = performance.now();
      }
      if (round.published === 0) await rest(options.pollMs ?? 25);
    }
  } finally {
    await Promise.allSettled([Promise.race([producer?.stop(), pause(1_000)]), session.stop()]);
  }
}

async function tryLock(session: Queryable & Session): Promise<boolean> {
  const { rows } = await session.query<{ held: boolean }>(
    "SELECT pg_try_advisory_lock(hashtext('aeo outbox relay')) AS held",
  );
  return rows[0]?.held === true;
}

/** Everything runs on the session that holds the lock: without the lock there is no clock time and no deletion. */
async function publish(session: Queryable, producer: Producer, limit: number, waiting: Running['waiting']) {
  const { rows } = await session.query<Row>({ name: 'outbox-rows', text: keepRowsOf }, [limit]);
  waiting.since = rows[0]?.created_at;
  await producer.send(rows.map(recordOf));
  waiting.since = undefined;
  if (rows.length > 0) {
    await session.query({ name: 'outbox-delete', text: 'DELETE FROM outbox WHERE id = ANY($1::bigint[])' }, [
      rows.map(({ id }) => String(id)),
    ]);
  }
  return { published: rows.length, full: rows.length >= limit };
}

async function databaseTime(session: Queryable): Promise<Date> {
  const { rows } = await session.query<{ now: Date }>({
    name: 'clock',
    text: 'SELECT clock_timestamp() AS now',
  });
  return rows[0]?.now ?? new Date(0);
}

function recordOf(row: Row): OutgoingRecord {
  const headers = { ...row.headers, 'occurred-at': row.created_at.toISOString() };
  return { topic: row.topic, partition: row.partition, key: row.key, value: row.value, headers };
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
