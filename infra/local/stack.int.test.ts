import { Redis } from 'ioredis';
import kafkajs from 'kafkajs';
import pg from 'pg';
import { afterAll, expect, inject, test } from 'vitest';

const { Kafka, logLevel } = kafkajs;
const stack = inject('stack');
const kafka = new Kafka({ brokers: stack.kafkaBrokers.split(','), logLevel: logLevel.ERROR });
const topic = `stack-test-${process.pid}`;
const admin = kafka.admin();

afterAll(async () => {
  await admin.deleteTopics({ topics: [topic] });
  await admin.disconnect();
});

test('a record that Kafka acknowledged is read back', async () => {
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 4 }], waitForLeaders: true });
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  await producer.send({ topic, acks: -1, messages: [{ key: 'operator-1', value: 'granted' }] });
  await producer.disconnect();
  const offsets = await admin.fetchTopicOffsets(topic);
  expect(offsets.reduce((sum, { high }) => sum + Number(high), 0)).toBe(1);
});

test('an idle connection to Kafka sets no timers', async () => {
  await admin.connect();
  await admin.listTopics();
  const original = globalThis.setTimeout;
  let timers = 0;
  globalThis.setTimeout = ((...args: Parameters<typeof original>) => {
    timers += 1;
    return original(...args);
  }) as typeof original;
  await new Promise((resolve) => original(resolve, 500));
  globalThis.setTimeout = original;
  expect(timers).toBeLessThan(20);
});

test('Postgres answers, keeps fsync on and requires a password', async () => {
  const client = new pg.Client({ connectionString: stack.postgresUrl });
  await client.connect();
  const { rows } = await client.query<{ fsync: string }>('SHOW fsync');
  await client.end();
  expect(rows).toEqual([{ fsync: 'on' }]);
  const open = new URL(stack.postgresUrl);
  open.password = '';
  await expect(new pg.Client({ connectionString: open.href }).connect()).rejects.toThrow(/password/);
});

test('Redis answers', async () => {
  const redis = new Redis(stack.redisUrl, { lazyConnect: true, enableOfflineQueue: false });
  await redis.connect();
  expect(await redis.ping()).toBe('PONG');
  redis.disconnect();
});
