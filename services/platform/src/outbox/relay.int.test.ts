import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/setup/stack/database.ts';
import { eventually } from '../../../../tests/setup/eventually.ts';
import { connectTestKafka, topic } from '../../../../tests/setup/stack/kafka.ts';
import type { BroadcastReader, IncomingRecord, Kafka, OutgoingRecord, Producer } from '../kafka.ts';
import { eventBytesMax, outboxWriter } from './append.ts';
import { startOutboxRelay, type OutboxRelay } from './relay.ts';
import type { Transaction } from '../postgres.ts';

const events = topic('events');
const append = outboxWriter([events], 'tests');
let own: TestDatabase;
let kafka: Kafka;
let reader: BroadcastReader;
let records: IncomingRecord[];
const relays: OutboxRelay[] = [];

beforeEach(async () => {
  own = await createTestDatabase(inject('stack').postgresUrl);
  kafka = await connectTestKafka(inject('stack').kafkaBrokers);
  await kafka.ensureTopics([events]);
  records = [];
  reader = await kafka.broadcast({ topics: ['events'], onRecord: (record) => void records.push(record) });
});
afterEach(async () => {
  for (const relay of relays.splice(0)) await relay.stop();
  await reader.stop();
  await kafka.stop();
  await own.drop();
});

function relay(
  limit = 500,
  createProducer: () => Promise<Producer> = () => kafka.producer(),
  pollMs = 25,
): OutboxRelay {
  const heartbeats = { topics: [events], encode: (asOf: Date) => Buffer.from(asOf.toISOString()) };
  const options = {
    databaseUrl: own.url,
    createProducer,
    heartbeats,
    limit,
    heartbeatMs: 50,
    pollMs,
    log: () => undefined,
  };
  const started = startOutboxRelay(options);
  relays.push(started);
  return started;
}

const write = (transaction: Transaction, key: string, value = key) =>
  append(transaction, [{ topic: 'events', key, value: Buffer.from(value), eventType: 'Happened' }]);
const valuesOf = (kind: string) =>
  records
    .filter(({ headers }) => headers['event-type'] === kind)
    .map(({ value }) => Buffer.from(value).toString());
const isHeartbeat = (record: OutgoingRecord) => record.headers['event-type'] === 'heartbeat';

test('of two overlapping transactions the one that commits late is not skipped', async () => {
  relay();
  let commitFirst: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (commitFirst = resolve));
  const first = own.database.transaction(async (transaction) => {
    await write(transaction, 'early id, late commit');
    await held;
  });
  await own.database.transaction((transaction) => write(transaction, 'late id, early commit'));
  await eventually(() => expect(valuesOf('Happened')).toEqual(['late id, early commit']));
  commitFirst();
  await first;
  await eventually(() => expect(valuesOf('Happened')).toHaveLength(2));
  await eventually(async () => {
    const { rows } = await own.database.query('SELECT id FROM outbox');
    expect(rows).toEqual([]);
  });
});

test('the order of one key is the order of its commits', async () => {
  const sent = Array.from({ length: 60 }, (_, index) => String(index));
  for (const value of sent)
    await own.database.transaction((transaction) => write(transaction, 'same', value));
  relay(7);
  await eventually(() => expect(valuesOf('Happened')).toEqual(sent));
});

test('a heartbeat never states a time before which a row is unpublished', async () => {
  const published: OutgoingRecord[][] = [];
  const watched = async (): Promise<Producer> => {
    const producer = await kafka.producer();
    return { ...producer, send: (batch) => (published.push([...batch]), producer.send(batch)) };
  };
  const commits: number[] = [];
  relay(5, watched);
  for (let index = 0; index < 40; index += 1) {
    await own.database.transaction((transaction) => write(transaction, String(index)));
    const { rows } = await own.database.query<{ now: Date }>('SELECT clock_timestamp() AS now');
    commits.push(rows[0]?.now.getTime() ?? 0);
  }
  await eventually(() => expect(valuesOf('Happened')).toHaveLength(40));
  const sent = new Set<number>();
  for (const record of published.flat()) {
    if (!isHeartbeat(record)) sent.add(Number(record.key));
    else {
      const asOfMs = Date.parse(Buffer.from(record.value).toString());
      commits.forEach((atMs, index) => expect(atMs >= asOfMs || sent.has(index)).toBe(true));
    }
  }
  expect(published.flat().some(isHeartbeat)).toBe(true);
});

test('a relay with more rows than one round publishes sends no heartbeat', async () => {
  await own.database.transaction(async (transaction) => {
    for (let index = 0; index < 30; index += 1) await write(transaction, String(index));
  });
  const batches: OutgoingRecord[][] = [];
  const watched = async (): Promise<Producer> => {
    const producer = await kafka.producer();
    return { ...producer, send: (batch) => (batches.push([...batch]), producer.send(batch)) };
  };
  relay(10, watched);
  await eventually(() => expect(batches.some((batch) => batch.some(isHeartbeat))).toBe(true));
  const before = batches.slice(
    0,
    batches.findIndex((batch) => batch.some(isHeartbeat)),
  );
  expect(before.flat()).toHaveLength(30);
});

test('a producer that fails is replaced and nothing is lost', async () => {
  let made = 0;
  const failing = async (): Promise<Producer> => {
    const producer = await kafka.producer();
    made += 1;
    const broken = made === 1;
    return {
      ...producer,
      send: (batch) => (broken ? Promise.reject(new Error('fatal')) : producer.send(batch)),
    };
  };
  await own.database.transaction((transaction) => write(transaction, 'kept'));
  relay(500, failing);
  await eventually(() => expect(valuesOf('Happened')).toEqual(['kept']));
  expect(made).toBeGreaterThan(1);
});

test('rows of more than one batch are all published, and no heartbeat before the last', async () => {
  const batches: OutgoingRecord[][] = [];
  const watched = async (): Promise<Producer> => {
    const producer = await kafka.producer();
    return { ...producer, send: (batch) => (batches.push([...batch]), producer.send(batch)) };
  };
  const values = Array.from({ length: 6 }, (_, index) => String(index).repeat(400_000));
  await own.database.transaction(async (transaction) => {
    for (const value of values) await write(transaction, 'same', value);
    await write(transaction, 'same', 'x'.repeat(eventBytesMax - 1_000));
    await write(transaction, 'same', 'last');
  });
  relay(500, watched);
  await eventually(() => expect(valuesOf('Happened').at(-1)).toBe('last'));
  expect(valuesOf('Happened').slice(0, 6)).toEqual(values);
  const firstBeat = batches.findIndex((batch) => batch.some(isHeartbeat));
  if (firstBeat >= 0) expect(batches.slice(0, firstBeat).flat()).toHaveLength(8);
});

test('old events of the inbox are deleted, in portions, and later ones are kept', async () => {
  await own.database.query(`
    INSERT INTO inbox (consumer, event_id, seen_at)
    SELECT 'tests', 'old-' || n, now() - interval '61 days' FROM generate_series(1, 1500) AS n
    UNION ALL SELECT 'tests', 'kept', now() - interval '59 days'`);
  relay();
  await eventually(async () => {
    const { rows } = await own.database.query('SELECT event_id FROM inbox');
    expect(rows).toEqual([{ event_id: 'kept' }]);
  });
});

test('the age of a row is reported while no producer can be created, but not by a standby relay', async () => {
  let asked = 0;
  const refused = () => {
    asked += 1;
    return Promise.reject(new Error('no broker'));
  };
  const holder = relay(500, refused);
  // A relay asks for a producer once it holds the lock.
  await eventually(() => expect(asked).toBeGreaterThan(0));
  await own.database.transaction((transaction) => write(transaction, 'waits'));
  await eventually(() => expect(holder.oldestAgeSeconds()).toBeGreaterThan(0.5));
  await holder.stop();
  const next = relay();
  await eventually(() => expect(valuesOf('Happened')).toEqual(['waits']));
  await eventually(() => expect(next.oldestAgeSeconds()).toBe(0));
});

test('a commit with events wakes the relay long before its poll, and one that is rolled back does not', async () => {
  const relaying = relay(500, () => kafka.producer(), 600_000);
  let pokes = 0;
  const told = outboxWriter([events], 'tests', () => {
    pokes += 1;
    relaying.poke();
  });
  const event = (value: string) => ({
    topic: 'events',
    key: value,
    value: Buffer.from(value),
    eventType: 'Happened',
  });
  await eventually(() => expect(valuesOf('heartbeat')).not.toEqual([]));
  const rolledBack = own.database.transaction(async (transaction) => {
    await told(transaction, [event('never')]);
    throw new Error('rolled back');
  });
  await expect(rolledBack).rejects.toThrow('rolled back');
  expect(pokes).toBe(0);
  for (const value of ['one', 'two', 'three']) {
    await own.database.transaction((transaction) => told(transaction, [event(value)]));
    await eventually(() => expect(valuesOf('Happened').at(-1)).toBe(value));
  }
  expect(valuesOf('Happened')).toEqual(['one', 'two', 'three']);
});
