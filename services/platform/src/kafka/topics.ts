import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import { type KafkaClient, kafkaError } from './client.ts';

export type TopicSpecification = {
  name: string;
  partitions: number;
  compacted: boolean;
  config?: Readonly<Record<string, string>>;
};

/** The topic for records that a consumer can never handle. */
export function deadLetterTopic(topic: string): string {
  return `${topic}.dlq`;
}

const copiesDefault = 3;

/** With three copies, two agree after the loss of one broker; with fewer brokers, each holds a copy. */
export function replicationFactor(configured: number | undefined, brokers: number): number {
  return configured ?? Math.min(copiesDefault, Math.max(1, brokers));
}

const deadLettersKeptMs = 30 * 24 * 3_600_000;

/**
 * A record grows by the headers with its reason. Without a higher limit the largest record of its own topic would be
 * refused here, and its partition would wait for ever: a dead-letter topic accepts twice as much.
 */
const deadLetterBytesMax = 2 * 1_048_588;

/**
 * Creates what is missing, dead-letter topics included.
 *
 * @throws AppError `internal` when a topic has another number of partitions than declared: keys would be read from the
 * wrong partitions, and no instance would own the additional ones
 */
export async function ensureTopics(
  client: KafkaClient,
  wanted: readonly TopicSpecification[],
): Promise<void> {
  const present = new Set(await client.admin.listTopics().catch(rethrow));
  const all = wanted.flatMap((topic) => [
    {
      topic: client.prefix + topic.name,
      numPartitions: topic.partitions,
      configEntries: entries({ 'cleanup.policy': topic.compacted ? 'compact' : 'delete', ...topic.config }),
    },
    {
      topic: client.prefix + deadLetterTopic(topic.name),
      numPartitions: 1,
      configEntries: entries({
        'retention.ms': String(deadLettersKeptMs),
        'max.message.bytes': String(deadLetterBytesMax),
      }),
    },
  ]);
  const topics = all.filter(({ topic }) => !present.has(topic));
  if (topics.length > 0) await create(client, topics).catch(rethrow);
  for (const { topic, numPartitions } of all) {
    const found = await untilServed(client, topic);
    if (found !== numPartitions)
      throw new AppError('internal', 'INTERNAL', mismatch(topic, found, numPartitions));
  }
}

type Topics = Parameters<KafkaClient['admin']['createTopics']>[0]['topics'];

async function create({ admin, replication }: KafkaClient, topics: Topics): Promise<void> {
  const { brokers } = await admin.describeCluster();
  const copies = { replicationFactor: replicationFactor(replication, brokers.length) };
  const wanted = { topics: topics.map((topic) => ({ ...topic, ...copies })), waitForLeaders: false };
  await admin.createTopics(wanted).catch((error: unknown) => {
    throw refusal(error);
  });
}

/** kafkajs reports refused topics as one error without their reasons. */
function refusal(error: unknown): unknown {
  const { errors } = error as { errors?: Error[] };
  if (errors === undefined) return error;
  const reasons = new Set(errors.map(({ message }) => message));
  return new Error(`topics cannot be created: ${[...reasons].join('; ')}`, { cause: error });
}

const servedBoundMs = 15_000;

/**
 * For a moment after it has created a topic, longer on a busy machine, a broker may answer that it does not host or
 * lead it. kafkajs' own wait for leaders accepts the first answer, so this requests the offsets of every partition
 * until it gets them.
 *
 * @returns the number of partitions
 */
async function untilServed({ admin }: KafkaClient, topic: string): Promise<number> {
  const endMs = Date.now() + servedBoundMs;
  for (;;) {
    try {
      return (await admin.fetchTopicOffsets(topic)).length;
    } catch (error) {
      if (Date.now() > endMs) rethrow(error);
      await pause(50);
    }
  }
}

function mismatch(topic: string, found: number, declared: number): string {
  return `${topic} has ${found} partitions where ${declared} are declared; the number is fixed for a topic's life`;
}

function entries(config: Record<string, string>): { name: string; value: string }[] {
  return Object.entries(config).map(([name, value]) => ({ name, value }));
}

function rethrow(error: unknown): never {
  throw kafkaError(error);
}
