import type { Position } from '@aeo/platform/kafka';
import type { Stoppable } from '@aeo/platform/lifecycle';
import type { Logger } from '@aeo/platform/logger';
import { startPeriodic } from '@aeo/platform/periodic';
import { encodeSnapshot, readSnapshot } from './snapshot-format.ts';
import type { ViewEntry } from '../../domain/status-view/view-entry.ts';
import type { NodeState } from './node-state.ts';
import { snapshotTopics, type SnapshotHead } from './snapshot-head.ts';

type HeldSnapshot = { bytes: number; chunks: AsyncIterable<Buffer> };

/** Where one snapshot is kept: the newest replaces the one before, whole or not at all. */
export type SnapshotStore = {
  name: string;
  /** Undefined where there is none. */
  read: () => Promise<HeldSnapshot | undefined>;
  /** @param bytes how many they are, where that is known before */
  write: (chunks: AsyncIterable<Buffer>, bytes?: number) => Promise<void>;
};

export type SnapshotOwner = Pick<SnapshotHead, 'administration' | 'country'>;

export type RestorePorts = {
  nodeState: NodeState;
  owner: SnapshotOwner;
  /** In the order in which they are read. */
  stores: readonly SnapshotStore[];
  /** Called with every entry that was read from a snapshot, also from one that is then not used. */
  onRestored?: (entry: ViewEntry) => void;
  log: Pick<Logger, 'info' | 'warn'>;
};

/**
 * Fills the status view from the first store that holds a snapshot which can be used.
 *
 * @returns the positions from where the topics have to be read; none where everything has to be read
 */
export async function restoreFromSnapshot({
  nodeState,
  owner,
  stores,
  onRestored,
  log,
}: RestorePorts): Promise<Position[]> {
  for (const store of stores) {
    try {
      const held = await store.read();
      if (held === undefined) continue;
      const head = await restoreFrom(held.chunks, nodeState, owner, onRestored);
      log.info('the status view begins with a snapshot', { at: store.name });
      return head.positions;
    } catch (error) {
      nodeState.forget();
      log.warn('a snapshot is not used', { at: store.name, reason: messageOf(error) });
    }
  }
  return [];
}

async function restoreFrom(
  chunks: AsyncIterable<Buffer>,
  nodeState: NodeState,
  owner: SnapshotOwner,
  onRestored: RestorePorts['onRestored'],
): Promise<SnapshotHead> {
  let found: SnapshotHead | undefined;
  await readSnapshot(chunks, {
    onHead: (head) => {
      found = head;
      if (head.administration !== owner.administration) throw new Error('it is of another administration');
      if (head.country !== owner.country) throw new Error('it is of another country');
    },
    onEntry: (entry) => {
      nodeState.view.restore(entry);
      onRestored?.(entry);
    },
  });
  if (found === undefined) throw new Error('it has no head');
  for (const source of ['registry', 'exchange'] as const)
    for (const [partition, asOfMs] of found.heartbeats[source].entries())
      if (asOfMs !== null) nodeState.freshness.heartbeat(source, partition, asOfMs);
  return found;
}

export type SnapshotPorts = Omit<RestorePorts, 'log' | 'onRestored'> & {
  /** The next offset of every partition that is read. */
  positions: () => Position[];
  everyMs: number;
  now: () => number;
  log: Pick<Logger, 'warn'>;
};

/** How long the last one may take, since others wait to be stopped; without it the one before is used. */
const lastBoundMs = 3_000;

/** Writes a snapshot regularly and when it is stopped: to the first store, and from there to the others. */
export function startSnapshots(ports: SnapshotPorts): Stoppable {
  const snapshots = startPeriodic({
    name: 'status view snapshots',
    everyMs: ports.everyMs,
    round: (signal) => takeSnapshot(ports, signal),
    onError: (error) => ports.log.warn('no snapshot is taken', { reason: messageOf(error) }),
  });
  return {
    name: snapshots.name,
    stop: async () => {
      await snapshots.stop();
      await takeSnapshot(ports, AbortSignal.timeout(lastBoundMs));
    },
  };
}

/**
 * Takes the view as it stands at this moment, with the positions that go with it. A partition that was frozen is left
 * to the snapshot before: a node that starts from that one reads the record that froze it again.
 */
export async function takeSnapshot(ports: SnapshotPorts, signal?: AbortSignal): Promise<void> {
  if (ports.nodeState.freshness.isFrozen()) return;
  const [first, ...others] = ports.stores;
  if (first === undefined) return;
  const attempt = async ({ name }: SnapshotStore, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      ports.log.warn('a snapshot cannot be written', { at: name, reason: messageOf(error) });
    }
  };
  // The positions are taken first: an entry may be newer than they are, never older, and what is then read again
  // is not newer than what is held.
  const taken = encodeSnapshot(headOf(ports), ports.nodeState.view.entries());
  await attempt(first, () => first.write(until(taken, signal)));
  for (const other of others)
    await attempt(other, async () => {
      const held = await first.read();
      if (held !== undefined) await other.write(until(held.chunks, signal), held.bytes);
    });
}

function headOf({ nodeState: { freshness }, owner, positions, now }: SnapshotPorts): SnapshotHead {
  const heartbeats = (source: 'registry' | 'exchange') =>
    freshness.heartbeats(source).map((asOfMs) => asOfMs ?? null);
  return {
    ...owner,
    takenAtMs: now(),
    positions: positions().filter(({ topic }) => snapshotTopics.has(topic)),
    heartbeats: { registry: heartbeats('registry'), exchange: heartbeats('exchange') },
  };
}

async function* until(
  chunks: AsyncIterable<Buffer>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    if (signal?.aborted === true) throw new Error('its time is over');
    yield chunk;
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
