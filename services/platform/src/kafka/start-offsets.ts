import type { KafkaClient } from './client.ts';

/** The next offset of a partition, and what shows whether the offset is still valid. */
export type Position = {
  topic: string;
  partition: number;
  offset: bigint;
  /** The cluster it was read from. */
  clusterId: string;
  /** The time of the last record read before it, in milliseconds since 1970; null without such a record. */
  timestampMs: number | null;
};

/** Where a partition is read from, and the high watermark to be passed before it is caught up. */
export type Start = { position: Position; high: bigint };

/**
 * Finds the offset from which to read each partition. If one position of the snapshot is not valid any more (another
 * cluster, another topic of the same name, an offset out of range), all partitions are read from the beginning: what
 * was built from them cannot be trusted in part.
 *
 * @returns with `mismatch`, the reason why the snapshot is not valid
 */
export async function startOffsets(
  client: Pick<KafkaClient, 'admin' | 'prefix'>,
  topics: readonly string[],
  from: readonly Position[],
): Promise<{ starts: Start[]; mismatch: string | undefined }> {
  const { admin, prefix } = client;
  const { clusterId } = await admin.describeCluster();
  const starts: Start[] = [];
  let mismatch: string | undefined;
  for (const topic of topics) {
    for (const { partition, high, low } of await admin.fetchTopicOffsets(prefix + topic)) {
      const offset = BigInt(low);
      const beginning = { topic, partition, offset, clusterId, timestampMs: null };
      const given = from.find((each) => each.topic === topic && each.partition === partition);
      const bounds = { low: offset, high: BigInt(high) };
      if (given !== undefined) mismatch ??= await mismatchOf(admin, prefix, given, { ...bounds, clusterId });
      starts.push({ position: given ?? beginning, high: bounds.high });
    }
  }
  if (mismatch === undefined) return { starts, mismatch };
  const { starts: beginnings } = await startOffsets(client, topics, []);
  return { starts: beginnings, mismatch };
}

type Bounds = { low: bigint; high: bigint; clusterId: string };

/** Why a position is not valid; undefined where it is. */
async function mismatchOf(
  admin: KafkaClient['admin'],
  prefix: string,
  position: Position,
  { low, high, clusterId }: Bounds,
): Promise<string | undefined> {
  if (position.clusterId !== clusterId) return 'it is of another cluster';
  if (position.offset < low || position.offset > high) return 'an offset is out of range';
  if (position.offset === low || (await sameTopic(admin, prefix + position.topic, position)))
    return undefined;
  return 'a topic was created again';
}

/**
 * Topics have no identity in the protocol versions kafkajs speaks, so times stand in for it. In the same topic the
 * last record read is still there, or at least one older than it, unless compaction has deleted them all. A topic
 * created again under the name holds only newer records.
 */
async function sameTopic(
  admin: KafkaClient['admin'],
  topic: string,
  { partition, timestampMs }: Position,
): Promise<boolean> {
  if (timestampMs === null) return false;
  const firstSince = async (timeMs: number) => {
    const offsets = await admin.fetchTopicOffsetsByTimestamp(topic, timeMs);
    return offsets.find((each) => each.partition === partition)?.offset;
  };
  const [first, atLast, afterLast] = [
    await firstSince(0),
    await firstSince(timestampMs),
    await firstSince(timestampMs + 1),
  ];
  return atLast !== first || atLast !== afterLast;
}
