import type { Stoppable } from '../lifecycle.ts';
import { kafkaError, type Connection } from './connection.ts';

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

/** An idempotent producer: the broker drops what a retry repeats. After an error, make a new one and send again. */
export async function createProducer({ client, prefix }: Connection): Promise<Producer> {
  const producer = client.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    retry: { retries: 5, initialRetryTime: 50, maxRetryTime: 1_000 },
  });
  await producer.connect().catch(rethrow);
  return {
    name: 'kafka producer',
    send: async (records) => {
      const byTopic = Map.groupBy(records, ({ topic }) => prefix + topic);
      const topicMessages = [...byTopic].map(([topic, group]) => ({ topic, messages: group.map(messageOf) }));
      if (records.length > 0) await producer.sendBatch({ topicMessages, acks: -1 }).catch(rethrow);
    },
    stop: () => producer.disconnect(),
  };
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
