import { lstatSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { postgresOn } from './postgres-leftovers.ts';

export const folderPrefix = 'aeo-postgres-';

/** Notes in a folder outside of the clone which stack's folder it serves. */
export function noteOwner(folder: string, owner: string): void {
  writeFileSync(join(folder, 'owner'), owner);
}

/**
 * Removes the folders of stacks that are gone, each of them up to half a gigabyte. One that names no owner, whose
 * owner may still be there, or in which a server runs is left; so is one that cannot be removed.
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
  // Anyone may put something of such a name where all may write.
  if (!found.isDirectory() || found.uid !== process.getuid?.()) return false;
  const owner = readFileSync(join(folder, 'owner'), 'utf8');
  return isAbsolute(owner) && isGone(owner) && postgresOn(join(folder, 'data')).length === 0;
}

/** Only where the system says so: what cannot be looked at may be there. */
function isGone(path: string): boolean {
  try {
    statSync(path);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
