import type { IncomingRecord } from './broadcast.ts';
import type { Kafka } from './connection.ts';
import { isOlder, type StatusVersion } from './status-version.ts';

/**
 * The newest version of each key that a topic holds now. Records without a version, and unreadable ones, are skipped.
 *
 * @throws AppError `unavailable` when no broker answers
 */
export async function publishedVersions(
  kafka: Pick<Kafka, 'broadcast'>,
  topic: string,
  versionOf: (record: IncomingRecord) => StatusVersion | undefined,
): Promise<Map<string, StatusVersion>> {
  const newest = new Map<string, StatusVersion>();
  const reader = await kafka.broadcast({
    topics: [topic],
    onRecord: (record) => {
      const version = readable(() => versionOf(record));
      if (version === undefined) return;
      const known = newest.get(record.key);
      if (known === undefined || isOlder(known, version)) newest.set(record.key, version);
    },
  });
  await reader.ready;
  await reader.stop();
  return newest;
}

/**
 * The published keys whose version the publisher's own state has not reached: it was restored from a backup since.
 *
 * @param held the version of each key in the publisher's state
 * @param epoch the present one; a key that the publisher does not know counts as number 0 of it
 */
export function aheadOf(
  published: ReadonlyMap<string, StatusVersion>,
  held: ReadonlyMap<string, StatusVersion>,
  epoch: bigint,
): string[] {
  return [...published].flatMap(([key, version]) =>
    isOlder(held.get(key) ?? { epoch, number: 0n }, version) ? [key] : [],
  );
}

/** The epoch above all that were ever published, and above the present one. */
export function nextEpoch(present: bigint, published: ReadonlyMap<string, StatusVersion>): bigint {
  let highest = present;
  for (const { epoch } of published.values()) if (epoch > highest) highest = epoch;
  return highest + 1n;
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
