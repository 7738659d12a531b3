import { toAppError } from '../errors.ts';
import type { Stoppable } from '../lifecycle.ts';
import type { BroadcastReader, IncomingRecord } from './broadcast.ts';
import type { Kafka } from './connection.ts';
import { startPeriodic } from '../periodic.ts';
import type { StatusVersion } from './status-version.ts';
import { trackRegressions } from './version-regressions.ts';

export type OwnTopicOptions = {
  topic: string;
  /** The version of a record; undefined for records that have none, heartbeats for one. It may throw. */
  versionOf: (record: IncomingRecord) => StatusVersion | undefined;
  /** Whether a record lacks fields of later formats, so that it has to be published again. It may throw. */
  isIncomplete?: (record: IncomingRecord) => boolean;
  /** Publishes the present state of a key again, in a transaction that locks it. */
  republish: (key: string) => Promise<void>;
  log: (message: string, fields: Record<string, unknown>) => void;
};

export type OwnTopicReader = Stoppable & Pick<BroadcastReader, 'ready'>;

const repairEveryMs = 250;

/**
 * Reads a publisher's own status topic back. Where an older version follows a newer one (a relay that had lost its
 * lock and was still sending, or another writer), compaction would keep the older one: the present state is then
 * published again. Every instance of the service does this; one repetition too many changes nothing.
 */
export async function watchOwnTopic(kafka: Kafka, options: OwnTopicOptions): Promise<OwnTopicReader> {
  const regressions = trackRegressions();
  const reader = await kafka.broadcast({
    topics: [options.topic],
    onRecord: (record) => observe(regressions, options, record),
  });
  // Before the reader has caught up, a newer record of a key that is behind may still follow.
  let caughtUp = false;
  void reader.ready.then(() => (caughtUp = true));
  const repairs = startPeriodic({
    name: `own topic ${options.topic}`,
    everyMs: repairEveryMs,
    round: async (signal) => (caughtUp ? repair(options, regressions, signal) : undefined),
    onError: (error) => options.log('the own topic is not repaired', { reason: toAppError(error).reason }),
  });
  return {
    name: repairs.name,
    ready: reader.ready,
    stop: async () => {
      await repairs.stop();
      await reader.stop();
    },
  };
}

type Regressions = ReturnType<typeof trackRegressions>;

function observe(
  regressions: Regressions,
  { versionOf, isIncomplete }: OwnTopicOptions,
  record: IncomingRecord,
): void {
  try {
    const version = versionOf(record);
    if (version !== undefined) regressions.observe(record.key, version);
    if (isIncomplete?.(record) === true) regressions.observeUnusable(record.key);
  } catch {
    regressions.observeUnusable(record.key);
  }
}

async function repair(
  { topic, republish, log }: OwnTopicOptions,
  regressions: Regressions,
  signal: AbortSignal,
): Promise<void> {
  for (const { key, attempt, last } of regressions.due(performance.now())) {
    if (signal.aborted) return;
    try {
      await republish(key);
      const cause = last
        ? 'a version stays older than one before it; was the epoch raised?'
        : 'a version is older than one before it, or incomplete.';
      log(`${cause} The present state is published again`, { topic, attempt });
    } catch (error) {
      log('the present state could not be published again yet', { topic, reason: toAppError(error).reason });
    }
  }
}
