import type { Cache } from '@aeo/platform/redis';
import type { SnapshotStore } from '../application/status-view/snapshots.ts';

const headKey = 'status-view/head';
const chunkBytes = 512_000;
const keptSeconds = 86_400;

export type RedisSnapshotSettings = {
  /** A snapshot of more bytes is not kept there. */
  bytesMax: number;
  /** A copy younger than this is another node's of this moment, and as good. */
  freshMs: number;
  now: () => number;
};

type Head = { slot: number; chunks: number; bytes: number; writtenMs: number };

/**
 * A second copy for a node that comes up without its disk. Two slots in turn, of which the head names the whole one:
 * at most twice `bytesMax` is held. Nodes may write over each other; the checksum finds out.
 */
export function redisSnapshots(
  cache: Pick<Cache, 'getMany' | 'setMany'>,
  { bytesMax, freshMs, now }: RedisSnapshotSettings,
): SnapshotStore {
  const findHead = async () => {
    const [head] = await cache.getMany([headKey]);
    return head && (JSON.parse(head.toString()) as Head);
  };
  return {
    name: 'redis',
    read: async () => {
      const head = await findHead();
      return head && { bytes: head.bytes, chunks: chunksOf(cache, head) };
    },
    write: async (chunks, expected = 0) => {
      if (expected > bytesMax) throw tooLarge(bytesMax);
      const before = await findHead();
      if (before !== undefined && now() - before.writtenMs < freshMs) return;
      const slot = before?.slot === 0 ? 1 : 0;
      let [count, bytes] = [0, 0];
      for await (const chunk of sized(chunks)) {
        bytes += chunk.length;
        if (bytes > bytesMax) throw tooLarge(bytesMax);
        await cache.setMany([[keyOf(slot, count), chunk]], keptSeconds);
        count += 1;
      }
      const head: Head = { slot, chunks: count, bytes, writtenMs: now() };
      await cache.setMany([[headKey, Buffer.from(JSON.stringify(head))]], keptSeconds);
    },
  };
}

const tooLarge = (bytesMax: number) => new Error(`it has more than ${bytesMax} bytes`);
const keyOf = (slot: number, chunk: number) => `status-view/${slot}/${chunk}`;

async function* chunksOf(cache: Pick<Cache, 'getMany'>, { slot, chunks }: Head): AsyncGenerator<Buffer> {
  for (let chunk = 0; chunk < chunks; chunk += 1) {
    const [bytes] = await cache.getMany([keyOf(slot, chunk)]);
    // What is missing makes the checksum fail, as what is changed does.
    if (bytes !== undefined) yield bytes;
  }
}

async function* sized(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    waiting.push(chunk);
    bytes += chunk.length;
    if (bytes < chunkBytes) continue;
    yield Buffer.concat(waiting);
    [waiting, bytes] = [[], 0];
  }
  if (bytes > 0) yield Buffer.concat(waiting);
}
