import kafkajs from 'kafkajs';
import { toAppError } from '../errors.ts';
import type { Stoppable } from '../lifecycle.ts';
import { broadcast, type BroadcastOptions, type BroadcastReader } from './broadcast.ts';
import { consume, type ConsumeOptions, type Subscription } from './consumer.ts';
import { createProducer, type Producer } from './producer.ts';
import type { Reader } from './reader.ts';
import { ensureTopics, type TopicSpecification } from './topics.ts';

/** Takes what Kafka's client has to say; healthy runs say nothing above `warn`. */
export type KafkaLog = (level: 'warn' | 'error', message: string, fields: Record<string, unknown>) => void;

export type KafkaSettings = {
  brokers: string[];
  /** Put before topics and groups; no other code sees it. */
  administration: string;
  clientId: string;
  /** Copies of each topic that is created; absent: three, or as many as there are brokers. */
  replication?: number | undefined;
  log: KafkaLog;
};

export type Kafka = Stoppable & {
  /** Creates what is missing and leaves the rest as it is, dead-letter topics included. */
  ensureTopics(topics: readonly TopicSpecification[]): Promise<void>;
  producer(): Promise<Producer>;
  consume(options: ConsumeOptions): Promise<Subscription>;
  broadcast(options: BroadcastOptions): Promise<BroadcastReader>;
  /** How many records were ever written to a topic, deleted ones included. */
  written(topic: string): Promise<bigint>;
  /** The readers that do not read at present, for readiness; empty when all do. */
  unready(): string[];
};

/** Everything the parts of this adapter share. */
export type Connection = {
  client: kafkajs.Kafka;
  admin: kafkajs.Admin;
  prefix: string;
  clientId: string;
  replication: number | undefined;
  log: KafkaLog;
  /** All that run at present. */
  readers: Set<Reader>;
};

/**
 * Connects to the brokers.
 *
 * @throws AppError `unavailable` when none answers
 */
export async function connectKafka(settings: KafkaSettings): Promise<Kafka> {
  const client = new kafkajs.Kafka({
    brokers: settings.brokers,
    clientId: settings.clientId,
    connectionTimeout: 3_000,
    requestTimeout: 10_000,
    retry: { retries: 8, initialRetryTime: 100, maxRetryTime: 2_000 },
    logCreator: () => forward(settings.log),
  });
  const admin = client.admin();
  await admin.connect().catch((error: unknown) => {
    throw kafkaError(error);
  });
  const prefix = `${settings.administration}.`;
  const { clientId, replication, log } = settings;
  const readers = new Set<Reader>();
  const connection: Connection = { client, admin, prefix, clientId, replication, log, readers };
  return {
    name: 'kafka',
    ensureTopics: (topics) => ensureTopics(connection, topics),
    producer: () => createProducer(connection),
    consume: (options) => consume(connection, options),
    broadcast: (options) => broadcast(connection, options),
    written: async (topic) => {
      const partitions = await admin.fetchTopicOffsets(prefix + topic).catch((error: unknown) => {
        throw kafkaError(error);
      });
      return partitions.reduce((sum, { high }) => sum + BigInt(high), 0n);
    },
    unready: () =>
      [...readers].filter((each) => each.downSeconds() > 0).map((each) => `${each.name} does not read`),
    stop: () => admin.disconnect(),
  };
}

// kafkajs logs at its level ERROR what it then retries by itself (a coordinator that is loading, say).
function forward(log: KafkaLog): (entry: kafkajs.LogEntry) => void {
  return ({ level, namespace, log: entry }) => {
    if (level <= kafkajs.logLevel.WARN) log('warn', entry.message, { ...entry, namespace });
  };
}

/** Brokers that cannot be reached, or not now, are `unavailable`. */
export function kafkaError(error: unknown): Error {
  if (!(error instanceof kafkajs.KafkaJSError)) return toAppError(error);
  return toAppError(Object.assign(new Error(error.message, { cause: error }), { code: 'ECONNRESET' }));
}
