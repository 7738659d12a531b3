import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/setup/stack/database.ts';
import { eventually } from '../../../../tests/setup/eventually.ts';
import { connectTestKafka, topic } from '../../../../tests/setup/stack/kafka.ts';
import { AppError } from '../errors.ts';
import { isFirstDelivery } from '../inbox.ts';
import { consumerOf, type Kafka, type MessageContext, type Producer, type Subscription } from '../kafka.ts';

let kafka: Kafka;
let producer: Producer;
let own: TestDatabase;
let logged: string[] = [];
let failNextLog = false;
const running: Subscription[] = [];

beforeAll(async () => {
  own = await createTestDatabase(inject('stack').postgresUrl);
  await own.database.query('CREATE TABLE effect (value text NOT NULL)');
  kafka = await connectTestKafka(inject('stack').kafkaBrokers, {
    log: (_level, message) => {
      logged.push(message);
      // kafkajs takes a TypeError for final, wherever in a batch it comes from.
      if (failNextLog && message === 'partition paused') {
        failNextLog = false;
        throw new TypeError('a fault of ours');
      }
    },
  });
  producer = await kafka.producer();
});
afterEach(async () => {
  for (const subscription of running.splice(0)) await subscription.stop();
  logged = [];
});
afterAll(async () => {
  await producer.stop();
  await kafka.stop();
  await own.drop();
});

type Handle = (message: string, context: MessageContext) => Promise<void>;

async function join(name: string, handle: Handle): Promise<Subscription> {
  const decode = (value: Uint8Array) => Buffer.from(value).toString();
  const consumers = [consumerOf({ topic: name, decode, handle })];
  const subscription = await kafka.consume({ group: `group-${name}`, consumers, sessionTimeoutMs: 6_000 });
  running.push(subscription);
  return subscription;
}

const send = (name: string, values: string[]) =>
  producer.send(
    values.map((value) => ({
      topic: name,
      key: value,
      value: Buffer.from(value),
      headers: { 'event-id': `${name}/${value}` },
    })),
  );

const effects = async () => {
  const { rows } = await own.database.query<{ value: string }>('SELECT value FROM effect ORDER BY value');
  return rows.map(({ value }) => value);
};

const unavailable = () => new AppError('unavailable', 'UNAVAILABLE', 'database away');

test('a member whose session expired within a batch joins again, and every record has its effect once', async () => {
  await kafka.ensureTopics([topic('rebalance')]);
  const values = Array.from({ length: 40 }, (_, index) => `r${String(index).padStart(2, '0')}`);
  let slow = true;
  const handled: string[] = [];
  const handle =
    (member: string): Handle =>
    async (value, { eventId }) => {
      if (slow && value === 'r10') {
        slow = false;
        // Longer than the session; then the database is away, so that nothing after the batch's start was heard.
        await pause(8_000);
        throw unavailable();
      }
      await own.database.transaction(async (transaction) => {
        if (!(await isFirstDelivery(transaction, 'rebalance', eventId))) return;
        await transaction.query('INSERT INTO effect VALUES ($1)', [value]);
      });
      handled.push(`${member} ${value}`);
    };
  await join('rebalance', handle('first'));
  await send('rebalance', values);
  await eventually(() => expect(slow).toBe(false));
  const second = await join('rebalance', handle('second'));
  await eventually(async () => expect(await effects()).toEqual(values), { timeoutMs: 30_000 });
  await second.stop();
  running.splice(1);
  const later = ['s1', 's2', 's3', 's4'];
  await send('rebalance', later);
  const goesOn = expect.arrayContaining(later.map((value) => `first ${value}`)) as string[];
  await eventually(() => expect(handled).toEqual(goesOn), { timeoutMs: 30_000 });
  expect(await effects()).toEqual([...values, ...later]);
});

test('a group that starts again handles nothing twice', async () => {
  await kafka.ensureTopics([topic('restart')]);
  const seen: string[] = [];
  const handle: Handle = (value) => Promise.resolve(void seen.push(value));
  const first = await join('restart', handle);
  await send('restart', ['a', 'b', 'c', 'd']);
  await eventually(() => expect(seen).toHaveLength(4));
  await first.stop();
  await join('restart', handle);
  await send('restart', ['marker-1', 'marker-2', 'marker-3', 'marker-4', 'marker-5', 'marker-6']);
  await eventually(() => expect(seen).toHaveLength(10));
  expect(new Set(seen).size).toBe(10);
});

test('a record handled while the consumer stops is committed', async () => {
  await kafka.ensureTopics([topic('leaving', 1)]);
  const seen: string[] = [];
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const first = await join('leaving', (value) => {
    seen.push(value);
    return held;
  });
  await send('leaving', ['only']);
  await eventually(() => expect(seen).toEqual(['only']));
  const stopped = first.stop();
  await pause(50);
  release();
  await stopped;
  await join('leaving', (value) => Promise.resolve(void seen.push(value)));
  await send('leaving', ['later']);
  await eventually(() => expect(seen).toContain('later'));
  expect(seen).toEqual(['only', 'later']);
});

test('a consumer that kafkajs has ended is reported as down and starts again', async () => {
  await kafka.ensureTopics([topic('crash', 1)]);
  const seen: string[] = [];
  let away = true;
  const subscription = await join('crash', (value) => {
    if (away) throw unavailable();
    return Promise.resolve(void seen.push(value));
  });
  expect(kafka.unready()).toEqual([]);
  failNextLog = true;
  await send('crash', ['kept']);
  await eventually(() => expect(kafka.unready()).toEqual(['consumer group-crash does not read']), {
    everyMs: 5,
  });
  expect(subscription.lagSeconds()).toBeGreaterThan(0);
  away = false;
  await eventually(() => expect(seen).toEqual(['kept']));
  expect(kafka.unready()).toEqual([]);
  expect(logged).toContain('reader starts again');
});

test('lag grows while a record waits and ends with its effect', async () => {
  await kafka.ensureTopics([topic('lag', 1)]);
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  let started = false;
  const subscription = await join('lag', () => {
    started = true;
    return held;
  });
  expect(subscription.lagSeconds()).toBe(0);
  await send('lag', ['x']);
  await eventually(() => expect(started).toBe(true));
  const before = subscription.lagSeconds();
  await eventually(() => expect(subscription.lagSeconds()).toBeGreaterThan(before + 0.3));
  release();
  await eventually(() => expect(subscription.lagSeconds()).toBe(0));
});

test('a batch that takes longer than a session leaves its member in the group: no record comes twice', async () => {
  await kafka.ensureTopics([topic('long', 1)]);
  const values = Array.from({ length: 12 }, (_, index) => `l${String(index).padStart(2, '0')}`);
  await send('long', values);
  const handled: string[] = [];
  await join('long', async (value) => {
    handled.push(value);
    await pause(700);
  });
  await eventually(() => expect(handled.length).toBeGreaterThanOrEqual(values.length), { timeoutMs: 30_000 });
  await send('long', ['after']);
  await eventually(() => expect(handled).toContain('after'), { timeoutMs: 30_000 });
  expect(handled).toEqual([...values, 'after']);
});
