import { randomUUID } from 'node:crypto';
import type { EachBatchPayload } from 'kafkajs';
import type { Stoppable } from '../lifecycle.ts';
import { kafkaError, type KafkaClient } from './client.ts';
import { readHeaders } from './headers.ts';
import { slotOf } from './lag.ts';
import { startReader } from './reader.ts';
import { startOffsets, type Position, type Start } from './start-offsets.ts';

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
  /** The positions of a snapshot; partitions not named are read from the beginning. */
  from?: readonly Position[];
  /** Called in the order of each partition. It must not throw; it handles unreadable records itself. */
  onRecord(record: IncomingRecord): void;
  /** The snapshot is not valid any more: called before the first record, so that what was built from it is discarded. */
  onRebuild?(reason: string): void;
};

export type BroadcastReader = Stoppable & {
  /** Fulfilled once every partition has passed the high watermark seen at the start. */
  ready: Promise<void>;
  /** True when `from` was not valid and everything is read from the beginning instead. */
  rebuilt: boolean;
  /** The next offset of every partition, for a snapshot. */
  positions(): Position[];
  /** How long it has not been reading, by a failure; 0 while it reads. */
  downSeconds(): number;
};

/**
 * Reads all partitions of some topics, whatever other nodes read: a consumer group of its own that commits nothing.
 * Compaction leaves gaps, so a partition is caught up at the last offset below the watermark, or a later one.
 */
export async function broadcast(client: KafkaClient, options: BroadcastOptions): Promise<BroadcastReader> {
  const { prefix, clientId } = client;
  const { starts, mismatch } = await startOffsets(client, options.topics, options.from ?? []).catch(
    (error: unknown) => {
      throw kafkaError(error);
    },
  );
  if (mismatch !== undefined) options.onRebuild?.(mismatch);
  const progress = followProgress(prefix, starts);
  const reader = await startReader(client, {
    name: `broadcast ${options.topics.join(' ')}`,
    groupId: `${prefix}broadcast.${clientId}.${randomUUID()}`,
    topics: options.topics.map((topic) => prefix + topic),
    eachBatch: (payload) => Promise.resolve(readBatch(payload, { prefix, progress, options })),
    // Nothing is committed, so a member that joins again would otherwise begin at the beginning.
    onJoin: (_assignment, consumer) => {
      for (const { topic, partition, offset } of progress.positions())
        consumer.seek({ topic: prefix + topic, partition, offset: String(offset) });
    },
  });
  return {
    name: 'broadcast reader',
    ready: progress.ready,
    rebuilt: mismatch !== undefined,
    positions: progress.positions,
    downSeconds: () => reader.downSeconds(),
    stop: () => reader.stop(),
  };
}

type Reading = { prefix: string; progress: Progress; options: BroadcastOptions };

function readBatch(payload: EachBatchPayload, { prefix, progress, options }: Reading): void {
  const { batch } = payload;
  // Fetched before the group was joined again: the reader fetches those records once more.
  if (payload.isStale()) return;
  const slot = slotOf(batch.topic, batch.partition);
  for (const message of batch.messages) {
    const offset = BigInt(message.offset);
    const timestampMs = Number(message.timestamp);
    options.onRecord({
      topic: batch.topic.slice(prefix.length),
      partition: batch.partition,
      offset,
      key: message.key?.toString() ?? '',
      value: message.value ?? Buffer.alloc(0),
      headers: readHeaders(message.headers),
      timestampMs,
    });
    progress.read(slot, offset + 1n, timestampMs);
  }
  payload.resolveOffset(batch.lastOffset());
  progress.passed(slot, BigInt(batch.lastOffset()) + 1n);
}

type Progress = ReturnType<typeof followProgress>;

function followProgress(prefix: string, starts: readonly Start[]) {
  const positions = new Map<string, Position>();
  const awaited = new Map<string, bigint>();
  for (const { position, high } of starts) {
    const slot = slotOf(prefix + position.topic, position.partition);
    positions.set(slot, { ...position });
    if (position.offset < high) awaited.set(slot, high);
  }
  let announce: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => (announce = resolve));
  if (awaited.size === 0) announce();
  return {
    ready,
    /** Also backwards: a topic that was created again begins at 0. */
    read: (slot: string, offset: bigint, timestampMs: number) => {
      const position = positions.get(slot);
      if (position !== undefined) Object.assign(position, { offset, timestampMs });
    },
    passed: (slot: string, offset: bigint) => {
      const position = positions.get(slot);
      if (position !== undefined) position.offset = offset;
      if (offset >= (awaited.get(slot) ?? 0n)) awaited.delete(slot);
      if (awaited.size === 0) announce();
    },
    positions: () => [...positions.values()].map((position) => ({ ...position })),
  };
}
