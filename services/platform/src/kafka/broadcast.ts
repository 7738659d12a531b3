import { randomUUID } from 'node:crypto';
import type { Stoppable } from '../lifecycle.ts';
import { kafkaError, type Connection } from './connection.ts';
import { readHeaders } from './headers.ts';

export type Position = { topic: string; partition: number; offset: bigint };

export type IncomingRecord = {
  topic: string;
  partition: number;
  offset: bigint;
  key: string;
  value: Uint8Array;
  headers: Record<string, string>;
  timestampMs: number;
};

export type BroadcastOptions = {
  topics: readonly string[];
  /** The next offsets to read, from a snapshot; partitions not named are read from the beginning. */
  from?: readonly Position[];
  /** Called in the order of each partition. It must not throw: what cannot be read is the reader's to judge. */
  onRecord(record: IncomingRecord): void;
};

export type BroadcastReader = Stoppable & {
  /** Fulfilled once every partition has passed the high watermark seen at the start. */
  ready: Promise<void>;
  /** The next offset of every partition, for a snapshot. */
  positions(): Position[];
};

/**
 * Reads all partitions of some topics alone, whatever other nodes read: a group of its own that commits nothing.
 * Compaction leaves gaps, so a partition is done when the last offset below the watermark, or a later one, was met.
 */
export async function broadcast(connection: Connection, options: BroadcastOptions): Promise<BroadcastReader> {
  const { client, prefix } = connection;
  const consumer = client.consumer({
    groupId: `${prefix}broadcast.${connection.clientId}.${randomUUID()}`,
    // The broker answers as soon as there is one record; the wait only bounds how long an idle fetch hangs.
    maxWaitTimeInMs: 500,
    allowAutoTopicCreation: false,
  });
  try {
    const state = await stateAtStart(connection, options);
    await consumer.connect();
    await consumer.subscribe({ topics: options.topics.map((topic) => prefix + topic), fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: ({ batch }) => {
        for (const message of batch.messages) {
          const offset = BigInt(message.offset);
          if (offset < state.nextOf(batch.topic, batch.partition)) continue;
          options.onRecord({
            topic: batch.topic.slice(prefix.length),
            partition: batch.partition,
            offset,
            key: message.key?.toString() ?? '',
            value: message.value ?? Buffer.alloc(0),
            headers: readHeaders(message.headers),
            timestampMs: Number(message.timestamp),
          });
        }
        state.passed(batch.topic, batch.partition, BigInt(batch.lastOffset()) + 1n);
        return Promise.resolve();
      },
    });
    for (const { topic, partition, offset } of options.from ?? []) {
      consumer.seek({ topic: prefix + topic, partition, offset: String(offset) });
    }
    return {
      name: 'broadcast reader',
      ready: state.ready,
      positions: state.positions,
      stop: () => consumer.disconnect(),
    };
  } catch (error) {
    await consumer.disconnect();
    throw kafkaError(error);
  }
}

async function stateAtStart({ admin, prefix }: Connection, options: BroadcastOptions) {
  const next = new Map<string, Position>();
  const awaited = new Map<string, bigint>();
  for (const topic of options.topics) {
    for (const { partition, high, low } of await admin.fetchTopicOffsets(prefix + topic)) {
      const slot = `${prefix}${topic}/${partition}`;
      const from = options.from?.find((each) => each.topic === topic && each.partition === partition);
      const offset = from?.offset ?? BigInt(low);
      next.set(slot, { topic, partition, offset });
      if (offset < BigInt(high)) awaited.set(slot, BigInt(high));
    }
  }
  let announce: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => (announce = resolve));
  if (awaited.size === 0) announce();
  return {
    ready,
    nextOf: (topic: string, partition: number) => next.get(`${topic}/${partition}`)?.offset ?? 0n,
    passed: (topic: string, partition: number, offset: bigint) => {
      const slot = `${topic}/${partition}`;
      const position = next.get(slot);
      if (position !== undefined && offset > position.offset) position.offset = offset;
      if (offset >= (awaited.get(slot) ?? 0n)) awaited.delete(slot);
      if (awaited.size === 0) announce();
    },
    positions: () => [...next.values()].map((position) => ({ ...position })),
  };
}
