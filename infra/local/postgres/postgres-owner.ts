import { lstatSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { postgresProcesses } from './postgres-processes.ts';

export const folderPrefix = 'aeo-postgres-';

/** Records in a folder outside of the clone to which stack it belongs. */
export function writeOwner(folder: string, owner: string): void {
  writeFileSync(join(folder, 'owner'), owner);
}

/**
 * Removes the folders of stacks that do not exist any more, each up to half a gigabyte. A folder that names no owner,
 * whose owner may still exist, in which a server runs, or that cannot be removed stays.
 */
export function removeAbandoned(parent: string): void {
  const ours = readdirSync(parent).filter((name) => name.startsWith(folderPrefix));
  for (const folder of ours.map((name) => join(parent, name))) {
    try {
      if (isAbandoned(folder)) rmSync(folder, { recursive: true, force: true });
    } catch {
      // A later start tries again.
    }
  }
}

function isAbandoned(folder: string): boolean {
  const found = lstatSync(folder);
  // Other users may create such a name where all may write.
  if (!found.isDirectory() || found.uid !== process.getuid?.()) return false;
  const owner = readFileSync(join(folder, 'owner'), 'utf8');
  return isAbsolute(owner) && isMissing(owner) && postgresProcesses(join(folder, 'data')).length === 0;
}

/** True only for ENOENT: a path that cannot be read may exist. */
function isMissing(path: string): boolean {
  try {
    statSync(path);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
