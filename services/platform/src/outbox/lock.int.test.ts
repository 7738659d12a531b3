import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/setup/stack/database.ts';
import { eventually } from '../../../../tests/setup/eventually.ts';
import { connectTestKafka, topic } from '../../../../tests/setup/stack/kafka.ts';
import type { BroadcastReader, Kafka, OutgoingRecord } from '../kafka.ts';
import { outboxWriter } from './append.ts';
import { startOutboxRelay, type OutboxRelay } from './relay.ts';

const events = topic('events');
const append = outboxWriter([events], 'tests');
const program = fileURLToPath(
  new URL('../../../../tests/setup/kafka-and-outbox/relay-main.ts', import.meta.url),
);
const brokers = inject('stack').kafkaBrokers;
let administration: string;
let own: TestDatabase;
let kafka: Kafka;
let reader: BroadcastReader;
let happened: string[];
let beats: number;
const relays: OutboxRelay[] = [];
const children: ChildProcess[] = [];

beforeEach(async () => {
  administration = `test-${randomUUID()}`;
  own = await createTestDatabase(inject('stack').postgresUrl);
  kafka = await connectTestKafka(brokers, { administration });
  await kafka.ensureTopics([events]);
  [happened, beats] = [[], 0];
  reader = await kafka.broadcast({
    topics: ['events'],
    onRecord: ({ headers, value }) => {
      if (headers['event-type'] === 'heartbeat') beats += 1;
      else happened.push(Buffer.from(value).toString());
    },
  });
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const relay of relays.splice(0)) await relay.stop();
  await reader.stop();
  await kafka.stop();
  await own.drop();
});

/** What a relay has sent: one list for each producer it made. */
type Sent = OutgoingRecord[][];
const isHeartbeat = (record: OutgoingRecord) => record.headers['event-type'] === 'heartbeat';
const rowsOf = (sent: Sent) => sent.flat().filter((record) => !isHeartbeat(record));

function relay(
  before: (records: readonly OutgoingRecord[]) => Promise<void> = () => Promise.resolve(),
): Sent {
  const sent: Sent = [];
  const createProducer = async () => {
    const producer = await kafka.producer();
    const own: OutgoingRecord[] = [];
    sent.push(own);
    return {
      ...producer,
      send: async (records: readonly OutgoingRecord[]) => {
        own.push(...records);
        await before(records);
        await producer.send(records);
      },
    };
  };
  const heartbeats = { topics: [events], encode: (asOf: Date) => Buffer.from(asOf.toISOString()) };
  const settings = { databaseUrl: own.url, createProducer, heartbeats, heartbeatMs: 50 };
  relays.push(startOutboxRelay({ ...settings, log: () => undefined }));
  return sent;
}

const write = (value: string) =>
  own.database.transaction((transaction) =>
    append(transaction, [{ topic: 'events', key: value, value: Buffer.from(value), eventType: 'Happened' }]),
  );

async function standingBy(count: number): Promise<void> {
  await eventually(async () => {
    const { rowCount } = await own.database.query(
      `SELECT 1 FROM pg_stat_activity WHERE application_name = 'outbox relay' AND datname = current_database()`,
    );
    expect(rowCount).toBe(count);
  });
}

test('of two relays one publishes everything and the other nothing, until it takes over', async () => {
  const both = [relay(), relay()] as const;
  await standingBy(2);
  const values = Array.from({ length: 60 }, (_, index) => String(index));
  for (const value of values) await write(value);
  await eventually(() => expect(happened).toHaveLength(60));
  expect(both.map((sent) => rowsOf(sent).length).toSorted((a, b) => a - b)).toEqual([0, 60]);
  expect(both.filter((sent) => sent.flat().some(isHeartbeat))).toHaveLength(1);
  const active = rowsOf(both[0]).length > 0 ? 0 : 1;
  await relays[active]?.stop();
  await write('after');
  await eventually(() => expect(happened).toHaveLength(61));
  expect(rowsOf(both[1 - active] ?? [])).toMatchObject([{ key: 'after' }]);
});

test('a relay that waits long for Kafka keeps its lock', async () => {
  let held = false;
  const slow = relay(async (records) => {
    if (held || records.every(isHeartbeat)) return;
    held = true;
    await pause(7_000);
  });
  await eventually(() => expect(beats).toBeGreaterThan(0));
  const standby = relay();
  await write('slow');
  await eventually(() => expect(happened).toEqual(['slow']));
  expect([rowsOf(slow).length, rowsOf(standby).length]).toEqual([1, 0]);
});

test('a relay that loses its session while it sends deletes no row, sends no heartbeat, and sends again', async () => {
  let release: () => void = () => undefined;
  const stuck = new Promise<void>((resolve) => (release = resolve));
  let first = true;
  const sent = relay(async (records) => {
    if (!first || records.every(isHeartbeat)) return;
    first = false;
    await stuck;
  });
  await eventually(() => expect(beats).toBeGreaterThan(0));
  await write('kept');
  await eventually(() => expect(first).toBe(false));
  const beatsBefore = sent[0]?.filter(isHeartbeat).length;
  await own.database.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'outbox relay' AND datname = current_database()`);
  // While the first producer still hangs, another one has sent the row.
  await eventually(() => expect(happened).toEqual(['kept']));
  expect(rowsOf(sent.slice(1))).toMatchObject([{ key: 'kept' }]);
  release();
  await pause(200);
  expect(sent[0]?.filter(isHeartbeat)).toHaveLength(beatsBefore ?? -1);
});

test('a relay whose process is frozen loses the lock, and another takes over within seven seconds', async () => {
  const settings = JSON.stringify({ databaseUrl: own.url, brokers, administration });
  const child = spawn(process.execPath, [program, settings], { stdio: ['ignore', 'ignore', 'inherit'] });
  children.push(child);
  await eventually(() => expect(beats).toBeGreaterThan(0));
  const standby = relay();
  await standingBy(2);
  child.kill('SIGSTOP');
  const frozenMs = performance.now();
  await write('after');
  await eventually(() => expect(happened).toEqual(['after']));
  expect(performance.now() - frozenMs).toBeLessThan(7_000);
  expect(rowsOf(standby)).toHaveLength(1);
  child.kill('SIGCONT');
  await write('later');
  await eventually(() => expect(happened).toEqual(['after', 'later']));
  expect(rowsOf(standby)).toHaveLength(2);
  child.kill('SIGTERM');
  await once(child, 'exit');
});
