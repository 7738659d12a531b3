import type { KafkaClient } from './client.ts';

/** The next offset of a partition, and what tells whether it still means anything. */
export type Position = {
  topic: string;
  partition: number;
  offset: bigint;
  /** The cluster it was read from. */
  clusterId: string;
  /** The time of the last record read before it, in milliseconds since 1970; null when none was. */
  timestampMs: number | null;
};

/** Where a partition is read from, and the high watermark to be passed before it is caught up. */
export type Start = { position: Position; high: bigint };

/**
 * Finds where to read each partition from, and why the snapshot does not fit, where it does not. If a position of the snapshot fits no longer (another cluster, another
 * topic under the same name, an offset out of range), everything is read from the beginning: what was
 * built from positions of which one is wrong cannot be trusted in part.
 */
export async function startOffsets(
  client: Pick<KafkaClient, 'admin' | 'prefix'>,
  topics: readonly string[],
  from: readonly Position[],
): Promise<{ starts: Start[]; misfit: string | undefined }> {
  const { admin, prefix } = client;
  const { clusterId } = await admin.describeCluster();
  const starts: Start[] = [];
  let misfit: string | undefined;
  for (const topic of topics) {
    for (const { partition, high, low } of await admin.fetchTopicOffsets(prefix + topic)) {
      const offset = BigInt(low);
      const beginning = { topic, partition, offset, clusterId, timestampMs: null };
      const given = from.find((each) => each.topic === topic && each.partition === partition);
      const bounds = { low: offset, high: BigInt(high) };
      if (given !== undefined) misfit ??= await misfitOf(admin, prefix, given, { ...bounds, clusterId });
      starts.push({ position: given ?? beginning, high: bounds.high });
    }
  }
  if (misfit === undefined) return { starts, misfit };
  const { starts: beginnings } = await startOffsets(client, topics, []);
  return { starts: beginnings, misfit };
}

type Bounds = { low: bigint; high: bigint; clusterId: string };

/** Why a position means nothing here; undefined where it fits. */
async function misfitOf(
  admin: KafkaClient['admin'],
  prefix: string,
  position: Position,
  { low, high, clusterId }: Bounds,
): Promise<string | undefined> {
  if (position.clusterId !== clusterId) return 'it is of another cluster';
  if (position.offset < low || position.offset > high) return 'an offset is out of range';
  if (position.offset === low || (await sameTopic(admin, prefix + position.topic, position)))
    return undefined;
  return 'a topic was made anew';
}

/**
 * Topics have no identity in the protocol versions kafkajs speaks, so times stand in for it. In the same topic the
 * last record read is still there, or at least one older than it, unless compaction has taken them all. A topic that
 * was made anew under the name holds only records that are newer.
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
