import { Kafka, logLevel, Partitioners, type Consumer, type Producer } from 'kafkajs';
import pg from 'pg';
import { clearanceService } from '@aeo/proto';
import { eventually } from '../setup/eventually.ts';
import { priorityQuestion, startAdministration, type Administration } from './administration.ts';
import type { Benchmark, Finding, Site } from './benchmark.ts';
import { compared } from './blocks.ts';

const service = clearanceService.ClearanceServiceService;
const topic = 'bench.round-trip';
const visibleMaxMs = 2_000;

/** How long after the officer's answer a suspension is seen, beside what a commit and a way through Kafka must cost. */
export const suspensionVisibleBenchmark: Benchmark = {
  name: 'suspension-visible',
  what: 'suspension answered → visible ÷ (one commit + one raw kafkajs round trip)',
  async run(site) {
    const count = site.blocks.pairs * 3;
    const administration = await startAdministration(site, count + site.blocks.warmUpPairs);
    const way = await openWay(site);
    try {
      return [await measure(site, administration, way)];
    } finally {
      await way.close();
      await administration.stop();
    }
  },
};

async function measure(site: Site, { clearance, traders }: Administration, way: Way): Promise<Finding> {
  const pairs: [number, number][] = [];
  for (const [index, trader] of traders.entries()) {
    await trader.suspend('benchmark');
    const answeredMs = performance.now();
    const question = priorityQuestion(trader.identifier);
    while ((await clearance.call(service.getPriority, question)).priority) {
      if (performance.now() - answeredMs > visibleMaxMs) throw new Error('a benefit after two seconds');
    }
    const subject = performance.now() - answeredMs;
    const pair: [number, number] = [subject, await way.there()];
    if (index >= site.blocks.warmUpPairs) pairs.push(pair);
    site.blocks.onPair?.(index + 1, traders.length);
  }
  return {
    ratioOf: 'suspension answered → visible ÷ (commit + round trip)',
    comparison: compared(pairs),
    unit: 'ms',
    goal: { atMost: 1.25 },
  };
}

type Way = { there(): Promise<number>; close(): Promise<void> };

/** One commit of one row, then one message to a topic of the same broker and back, acknowledged by all. */
async function openWay({ stack }: Site): Promise<Way> {
  const client = new pg.Client({ connectionString: stack.postgresUrl });
  await client.connect();
  await client.query('CREATE TABLE IF NOT EXISTS bench_commit (at timestamptz NOT NULL)');
  const kafka = new Kafka({
    clientId: 'bench',
    brokers: stack.kafkaBrokers.split(','),
    logLevel: logLevel.NOTHING,
  });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 1 }] });
  await admin.disconnect();
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const consumer = kafka.consumer({ groupId: 'bench', maxWaitTimeInMs: 20 });
  const arrivals = new Map<string, () => void>();
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: ({ message }) => Promise.resolve(arrivals.get(String(message.key))?.()),
  });
  const way = wayOver(client, producer, consumer, arrivals);
  await eventually(() => way.there(), { timeoutMs: 30_000 });
  return way;
}

function wayOver(
  client: pg.Client,
  producer: Producer,
  consumer: Consumer,
  arrivals: Map<string, () => void>,
): Way {
  let number = 0;
  return {
    async there() {
      const key = String((number += 1));
      const arrived = new Promise<void>((resolve) => arrivals.set(key, resolve));
      const startedMs = performance.now();
      await client.query('INSERT INTO bench_commit VALUES (clock_timestamp())');
      await producer.send({ topic, acks: -1, messages: [{ key, value: Buffer.alloc(300) }] });
      await arrived;
      return performance.now() - startedMs;
    },
    async close() {
      await consumer.disconnect();
      await producer.disconnect();
      await client.query('DROP TABLE bench_commit');
      await client.end();
    },
  };
}
