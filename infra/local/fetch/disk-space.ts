import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';

/** Below this a disk counts as full: Kafka and Postgres write their logs ahead in pieces of 16 MB. */
const fullBelowBytes = 32 * 1024 ** 2;

/** What is left on a disk: bytes, and whether names for files are left. */
type Space = { bytes: number; files: boolean };

/** Says which of these folders lies on a disk that is full; undefined where none does. */
export function fullDisk(
  folders: readonly string[],
  spaceOf: (folder: string) => Space = leftOn,
): string | undefined {
  for (const folder of folders.map(nearestExisting)) {
    const space = spaceOf(folder);
    if (space.bytes < fullBelowBytes || !space.files) return told(folder, space);
  }
  return undefined;
}

/** As Node, Postgres and Java say it, and apt-get before it begins. */
const saysFull = /ENOSPC|no space left on device|enough free space/i;

/**
 * Says which of these folders lies on the disk with the least room, where an error says that one was full: whoever met
 * that may have taken away what it began, as initdb does, and left more room than a full disk has.
 */
export function isReportedAsFull(
  message: string,
  folders: readonly string[],
  spaceOf: (folder: string) => Space = leftOn,
): string | undefined {
  if (!saysFull.test(message)) return undefined;
  const spaces = folders.map(nearestExisting).map((folder) => ({ folder, space: spaceOf(folder) }));
  const [least] = spaces.toSorted((one, other) => one.space.bytes - other.space.bytes);
  return least === undefined ? undefined : told(least.folder, least.space);
}

function told(folder: string, { bytes, files }: Space): string {
  const left = files ? `${Math.floor(bytes / 1024 ** 2)} MB left` : 'no room for another file';
  return (
    `The disk that holds ${folder} is full (${left}). What takes the room: du -xh ${folder} | sort -h | tail. ` +
    `Make room for 2 GB and start again; what this clone itself fetched and made goes by: rm -rf .local`
  );
}

function leftOn(folder: string): Space {
  const { bavail, bsize, files, ffree } = statfsSync(folder);
  // File systems that make room for names as they go count none at all.
  return { bytes: bavail * bsize, files: files === 0 || ffree > 0 };
}

function nearestExisting(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestExisting(dirname(folder));
}
