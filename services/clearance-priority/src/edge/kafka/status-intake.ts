import type { Kafka } from '@aeo/platform/kafka';
import type { Stoppable } from '@aeo/platform/lifecycle';
import type { Logger } from '@aeo/platform/logger';
import type { SuspensionIndex } from '../../domain/status-view/suspension-index.ts';
import type { ViewEntry } from '../../domain/status-view/view-entry.ts';
import { broadcastTopics, recordSuspensions, statusRecords } from './status-records.ts';
import type { NodeState } from '../../application/status-view/node-state.ts';
import {
  restoreFromSnapshot,
  startSnapshots,
  type SnapshotOwner,
  type SnapshotStore,
} from '../../application/status-view/snapshots.ts';

export type IntakeSettings = {
  kafka: Pick<Kafka, 'broadcast'>;
  nodeState: NodeState;
  /** Gets the operators whose status changed, so that their open decisions are re-evaluated. */
  changed: Set<string>;
  /** Gets the suspensions. */
  suspensions: SuspensionIndex;
  owner: SnapshotOwner;
  /** Absent: every start reads the topics whole. */
  snapshots: { everyMs: number; stores: readonly SnapshotStore[]; parts: readonly Stoppable[] } | undefined;
  logger: Logger;
};

/**
 * Fills what a node knows, from a snapshot where one can be used and otherwise from the beginning of the topics, and
 * keeps it up to date. Returns once every partition has passed the high watermark seen at the start.
 *
 * @returns the parts to stop, in their order
 */
export async function startStatusIntake(settings: IntakeSettings): Promise<Stoppable[]> {
  const { kafka, nodeState, changed, suspensions, owner, snapshots, logger: log } = settings;
  const stores = snapshots?.stores ?? [];
  const onRestored = restoredSuspensions(suspensions, new Date());
  const from = await restoreFromSnapshot({ nodeState, owner, stores, onRestored, log });
  let readFromBeginning = from.length === 0;
  const reader = await kafka.broadcast({
    topics: broadcastTopics.map((topic) => topic.name),
    from,
    onRebuild: (reason) => {
      nodeState.forget();
      suspensions.forget();
      readFromBeginning = true;
      log.warn('a snapshot is not used', { reason });
    },
    onRecord: statusRecords({
      nodeState,
      onStatusChanged: (operatorId, published) => {
        changed.add(operatorId);
        recordSuspensions(suspensions, published);
      },
      onUnreadable: (topic) => log.error('a status record cannot be read', { topic }),
    }),
  });
  await reader.ready;
  // From the beginning every status looks changed; after a snapshot only those that changed while this node was stopped.
  if (readFromBeginning) changed.clear();
  return [reader, ...snapshotParts(settings, reader)];
}

/** A snapshot does not say when its statuses were written: what it holds as suspended counts from this start on. */
function restoredSuspensions(suspensions: SuspensionIndex, startedAt: Date): (entry: ViewEntry) => void {
  return (entry) => {
    if (entry.kind === 'operator')
      recordSuspensions(suspensions, { operator: entry.status, occurredAt: startedAt });
    else if (entry.kind === 'partner')
      recordSuspensions(suspensions, { partner: entry.status, occurredAt: startedAt });
  };
}

function snapshotParts(
  { nodeState, owner, snapshots, logger: log }: IntakeSettings,
  reader: Pick<Awaited<ReturnType<Kafka['broadcast']>>, 'positions'>,
): Stoppable[] {
  if (snapshots === undefined) return [];
  const { everyMs, stores, parts } = snapshots;
  const positions = () => reader.positions();
  const writer = startSnapshots({ nodeState, owner, stores, positions, everyMs, now: () => Date.now(), log });
  return [writer, ...parts];
}
