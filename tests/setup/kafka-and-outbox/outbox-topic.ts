import { randomUUID } from 'node:crypto';
import type { BroadcastReader, IncomingRecord, Kafka } from '@aeo/platform/kafka';
import { outboxWriter } from '@aeo/platform/outbox';
import { common } from '@aeo/proto';
import type { Endpoints } from '../../../infra/local/stack-types.ts';
import { createTestDatabase, type TestDatabase } from '../stack/database.ts';
import { connectTestKafka, topic } from '../stack/kafka.ts';

export const events = topic('events');
export const encodeHeartbeat = (asOf: Date, partition: number) =>
  common.Heartbeat.encode({ asOf, partition }).finish();
const append = outboxWriter([events], 'tests');

/** An outbox, the topic `events` its relay publishes to, and everything that came out of it. */
export type OutboxTopic = {
  administration: string;
  own: TestDatabase;
  kafka: Kafka;
  records: IncomingRecord[];
  /** Commits an event; the time is the database's after the commit. */
  write(key: string, value: string): Promise<void>;
  written: { key: string; value: string; committedMs: number }[];
  waiting(): Promise<number>;
  stop(): Promise<void>;
};

export async function startOutboxTopic(
  stack: Pick<Endpoints, 'kafkaBrokers' | 'postgresUrl'>,
): Promise<OutboxTopic> {
  const administration = `test-${randomUUID()}`;
  const own = await createTestDatabase(stack.postgresUrl);
  const kafka = await connectTestKafka(stack.kafkaBrokers, { administration });
  await kafka.ensureTopics([events]);
  const records: IncomingRecord[] = [];
  const onRecord = (record: IncomingRecord) => void records.push(record);
  const reader: BroadcastReader = await kafka.broadcast({ topics: [events.name], onRecord });
  const written: OutboxTopic['written'] = [];
  return {
    administration,
    own,
    kafka,
    records,
    written,
    write: async (key, value) => {
      const event = { topic: events.name, key, value: Buffer.from(value), eventType: 'Happened' };
      await own.database.transaction((transaction) => append(transaction, [event]));
      const { rows } = await own.database.query<{ now: Date }>('SELECT clock_timestamp() AS now');
      written.push({ key, value, committedMs: rows[0]?.now.getTime() ?? 0 });
    },
    waiting: async () => (await own.database.query('SELECT 1 FROM outbox')).rowCount,
    stop: async () => {
      await reader.stop();
      await kafka.stop();
      await own.drop();
    },
  };
}

const isBeat = ({ headers }: IncomingRecord) => headers['event-type'] === 'heartbeat';

export const heartbeatsOf = ({ records }: Pick<OutboxTopic, 'records'>): IncomingRecord[] =>
  records.filter(isBeat);

/** The values of a key in the order of the topic, repetitions included. */
export const valuesOf = ({ records }: Pick<OutboxTopic, 'records'>, key: string): string[] =>
  records
    .filter((record) => !isBeat(record) && record.key === key)
    .map(({ value }) => Buffer.from(value).toString());

/**
 * What must hold of a topic however often its relay was killed: every event is there, those of one key appear first
 * in the order of their commits, and the newest stands last. Repetitions are allowed.
 *
 * @returns what is missing or out of order, by key
 */
export function unpublished(topicOf: Pick<OutboxTopic, 'records' | 'written'>): Record<string, string[]> {
  const wrong: Record<string, string[]> = {};
  for (const [key, group] of Map.groupBy(topicOf.written, (each) => each.key)) {
    const wanted = group.map(({ value }) => value);
    const found = valuesOf(topicOf, key);
    const inOrder = [...new Set(found)].join() === wanted.join();
    if (!inOrder || found.at(-1) !== wanted.at(-1)) wrong[key] = found;
  }
  return wrong;
}

/** Heartbeats that claim a time before which something was committed that their partition had not yet carried. */
export function prematureHeartbeats({
  records,
  written,
}: Pick<OutboxTopic, 'records' | 'written'>): string[] {
  const broken: string[] = [];
  const seen = new Set<string>();
  const partitions = new Map(
    records.filter((each) => !isBeat(each)).map((each) => [each.key, each.partition]),
  );
  for (const record of records.toSorted((a, b) => a.partition - b.partition || Number(a.offset - b.offset))) {
    if (!isBeat(record)) {
      seen.add(Buffer.from(record.value).toString());
      continue;
    }
    const asOfMs = common.Heartbeat.decode(record.value).asOf?.getTime() ?? 0;
    for (const { key, value, committedMs } of written)
      if (partitions.get(key) === record.partition && committedMs < asOfMs && !seen.has(value))
        broken.push(`${value} committed ${asOfMs - committedMs} ms before the time claimed`);
  }
  return broken;
}
