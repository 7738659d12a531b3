import { existsSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';

/**
 * Packages link to absolute paths, such as Java's settings to /etc. In a folder of unpacked packages, each link to a
 * path that was unpacked as well is made relative, so that the folder may be moved.
 */
export function relinkInside(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) continue;
    const link = join(entry.parentPath, entry.name);
    const target = readlinkSync(link);
    const unpacked = join(folder, target);
    if (!isAbsolute(target) || !existsSync(unpacked)) continue;
    rmSync(link);
    symlinkSync(relative(dirname(link), unpacked), link);
  }
}
