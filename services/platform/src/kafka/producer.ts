import { toAppError } from '../errors.ts';
import type { Stoppable } from '../lifecycle.ts';
import { recordDuration } from '../metrics.ts';
import { kafkaError, type KafkaClient } from './client.ts';

export type OutgoingRecord = {
  topic: string;
  key: string;
  value: Uint8Array;
  headers: Record<string, string>;
  /** Absent: by the key's hash. */
  partition?: number;
};

/** Sends records in the order given for each partition. Fulfilled once every replica in sync has them all. */
export type Producer = Stoppable & { send(records: readonly OutgoingRecord[]): Promise<void> };

/** An idempotent producer: the broker drops what a retry repeats. After an error, create a new one and send again. */
export async function createProducer({ kafkajs, prefix }: KafkaClient): Promise<Producer> {
  const producer = kafkajs.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    retry: { retries: 5, initialRetryTime: 50, maxRetryTime: 1_000 },
  });
  try {
    await producer.connect();
  } catch (error) {
    // Half connected, it would continue to try to reach the brokers.
    await producer.disconnect().catch(() => undefined);
    rethrow(error);
  }
  return {
    name: 'kafka producer',
    send: async (records) => {
      const byTopic = Map.groupBy(records, ({ topic }) => prefix + topic);
      const topicMessages = [...byTopic].map(([topic, group]) => ({ topic, messages: group.map(messageOf) }));
      if (records.length === 0) return;
      const plain = [...byTopic.keys()].map((topic) => topic.slice(prefix.length));
      await measured(plain, () => producer.sendBatch({ topicMessages, acks: -1 }).catch(rethrow));
    },
    stop: () => producer.disconnect(),
  };
}

/**
 * A producer that is created when it is first needed, and created again after an error: kafkajs resets its sequence
 * numbers when a send fails, and the broker would drop the next record as a duplicate of the one that failed.
 */
export function renewedProducer(create: () => Promise<Producer>): Producer {
  let current: Promise<Producer> | undefined;
  const end = async (producer: Promise<Producer> | undefined) => {
    await (await producer?.catch(() => undefined))?.stop();
  };
  return {
    name: 'renewed kafka producer',
    send: async (records) => {
      const used = (current ??= create());
      try {
        await (await used).send(records);
      } catch (error) {
        if (current === used) current = undefined;
        void end(used).catch(() => undefined);
        throw error;
      }
    },
    stop: () => end(current),
  };
}

/** A batch takes the same time for each of its topics. */
async function measured(topics: readonly string[], send: () => Promise<unknown>): Promise<void> {
  const startedMs = performance.now();
  let failed: { 'error.type'?: string } = {};
  try {
    await send();
  } catch (error) {
    failed = { 'error.type': toAppError(error).code };
    throw error;
  } finally {
    for (const topic of topics)
      recordDuration('messaging.client.operation.duration', startedMs, {
        'messaging.operation.name': 'send',
        'messaging.destination.name': topic,
        ...failed,
      });
  }
}

function messageOf(record: OutgoingRecord) {
  return {
    key: record.key,
    value: Buffer.from(record.value.buffer, record.value.byteOffset, record.value.byteLength),
    headers: record.headers,
    ...(record.partition === undefined ? {} : { partition: record.partition }),
  };
}

function rethrow(error: unknown): never {
  throw kafkaError(error);
}
