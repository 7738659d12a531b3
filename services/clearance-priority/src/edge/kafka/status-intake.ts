import type { Kafka } from '@aeo/platform/kafka';
import type { Stoppable } from '@aeo/platform/lifecycle';
import type { Logger } from '@aeo/platform/logger';
import type { SuspensionIndex } from '../../domain/status-view/suspension-index.ts';
import type { ViewEntry } from '../../domain/status-view/view-entry.ts';
import { broadcastTopics, recordSuspensions, statusRecords } from './status-records.ts';
import type { Knowledge } from '../../application/status-view/knowledge.ts';
import {
  hydrate,
  startSnapshots,
  type Owner,
  type SnapshotPlace,
} from '../../application/status-view/snapshots.ts';

export type IntakeSettings = {
  kafka: Pick<Kafka, 'broadcast'>;
  knowledge: Knowledge;
  /** Gets the operators whose status changed and whose open decisions may not know of it. */
  changed: Set<string>;
  /** Gets what is told of suspensions. */
  bars: SuspensionIndex;
  owner: Owner;
  /** Absent: every start reads the topics whole. */
  snapshots: { everyMs: number; places: readonly SnapshotPlace[]; parts: readonly Stoppable[] } | undefined;
  logger: Logger;
};

/**
 * Fills what a node knows, from a snapshot where one can be used and from the topics' beginning where not, and keeps
 * it as the topics say. Ends once every partition has passed the high watermark seen at the start.
 *
 * @returns the parts to stop, in their order
 */
export async function startStatusIntake(settings: IntakeSettings): Promise<Stoppable[]> {
  const { kafka, knowledge, changed, bars, owner, snapshots, logger: log } = settings;
  const places = snapshots?.places ?? [];
  // A snapshot does not say when its statuses were written: what it holds as suspended bars from this start on.
  const startedAt = new Date();
  const onRestored = (entry: ViewEntry) => {
    if (entry.kind === 'operator') recordSuspensions(bars, { operator: entry.status, occurredAt: startedAt });
    else if (entry.kind === 'partner')
      recordSuspensions(bars, { partner: entry.status, occurredAt: startedAt });
  };
  const from = await hydrate({ knowledge, owner, places, onRestored, log });
  let whole = from.length === 0;
  const reader = await kafka.broadcast({
    topics: broadcastTopics.map((topic) => topic.name),
    from,
    onRebuild: (reason) => {
      knowledge.forget();
      bars.forget();
      whole = true;
      log.warn('a snapshot is not used', { reason });
    },
    onRecord: statusRecords({
      knowledge,
      onStatusChanged: (operatorId, told) => {
        changed.add(operatorId);
        recordSuspensions(bars, told);
      },
      onUnreadable: (topic) => log.error('a status record cannot be read', { topic }),
    }),
  });
  await reader.ready;
  // Read whole, every status looks changed; after a snapshot only those that changed while this node was away do.
  if (whole) changed.clear();
  if (snapshots === undefined) return [reader];
  const { everyMs, parts } = snapshots;
  const writer = startSnapshots({
    knowledge,
    owner,
    places,
    positions: () => reader.positions(),
    everyMs,
    now: () => Date.now(),
    log,
  });
  return [reader, writer, ...parts];
}
