import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';

/** Below this a disk counts as full: Kafka and Postgres write their logs ahead in pieces of 16 MB. */
const fullBelowBytes = 32 * 1024 ** 2;

/** What is free on a disk: bytes, and whether inodes are left. */
type Space = { bytes: number; files: boolean };

/** The text for the first of these folders whose disk is full; undefined where none is. */
export function fullDisk(
  folders: readonly string[],
  spaceOf: (folder: string) => Space = leftOn,
): string | undefined {
  for (const folder of folders.map(nearestExisting)) {
    const space = spaceOf(folder);
    if (space.bytes < fullBelowBytes || !space.files) return fullDiskText(folder, space);
  }
  return undefined;
}

/** As Node, Postgres and Java report it, and apt-get before it begins. */
const diskFullMessage = /ENOSPC|no space left on device|enough free space/i;

/**
 * The text for the folder on the disk with the least space, where an error message says that a disk was full: a program
 * that failed may have removed its files since, as initdb does, so that the disk is not full any more.
 */
export function fullDiskInMessage(
  message: string,
  folders: readonly string[],
  spaceOf: (folder: string) => Space = leftOn,
): string | undefined {
  if (!diskFullMessage.test(message)) return undefined;
  const spaces = folders.map(nearestExisting).map((folder) => ({ folder, space: spaceOf(folder) }));
  const [least] = spaces.toSorted((one, other) => one.space.bytes - other.space.bytes);
  return least === undefined ? undefined : fullDiskText(least.folder, least.space);
}

function fullDiskText(folder: string, { bytes, files }: Space): string {
  const left = files ? `${Math.floor(bytes / 1024 ** 2)} MB left` : 'no room for another file';
  return (
    `The disk that holds ${folder} is full (${left}). What takes the room: du -xh ${folder} | sort -h | tail. ` +
    `Make room for 2 GB and start again; what this clone itself fetched and made goes by: rm -rf .local`
  );
}

function leftOn(folder: string): Space {
  const { bavail, bsize, files, ffree } = statfsSync(folder);
  // File systems that create inodes on demand report a total of 0.
  return { bytes: bavail * bsize, files: files === 0 || ffree > 0 };
}

function nearestExisting(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestExisting(dirname(folder));
}
