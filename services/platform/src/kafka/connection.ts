import type { Stoppable } from '../lifecycle.ts';
import { broadcast, type BroadcastOptions, type BroadcastReader } from './broadcast.ts';
import { connectClient, kafkaError, type KafkaClient, type KafkaSettings } from './client.ts';
import { consume, type ConsumeOptions, type Subscription } from './consumer.ts';
import { createProducer, type Producer } from './producer.ts';
import { ensureTopics, type TopicSpecification } from './topics.ts';

export type Kafka = Stoppable & {
  /** Creates missing topics, dead-letter topics included, and leaves the others as they are. */
  ensureTopics(topics: readonly TopicSpecification[]): Promise<void>;
  producer(): Promise<Producer>;
  consume(options: ConsumeOptions): Promise<Subscription>;
  broadcast(options: BroadcastOptions): Promise<BroadcastReader>;
  /** How many records were ever written to a topic, deleted ones included. */
  written(topic: string): Promise<bigint>;
  /** The readers that do not read at present, for readiness; empty when all do. */
  unready(): string[];
};

/**
 * Connects to the brokers.
 *
 * @throws AppError `unavailable` when no broker answers
 */
export async function connectKafka(settings: KafkaSettings): Promise<Kafka> {
  const client = await connectClient(settings);
  return {
    name: 'kafka',
    ensureTopics: (topics) => ensureTopics(client, topics),
    producer: () => createProducer(client),
    consume: (options) => consume(client, options),
    broadcast: (options) => broadcast(client, options),
    written: (topic) => countWritten(client, topic),
    unready: () =>
      [...client.readers]
        .filter((each) => each.downSeconds() > 0)
        .map((each) => `${each.name} does not read`),
    stop: () => client.admin.disconnect(),
  };
}

async function countWritten({ admin, prefix }: KafkaClient, topic: string): Promise<bigint> {
  const partitions = await admin.fetchTopicOffsets(prefix + topic).catch((error: unknown) => {
    throw kafkaError(error);
  });
  return partitions.reduce((sum, { high }) => sum + BigInt(high), 0n);
}
