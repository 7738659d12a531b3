import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const contentsFile = '.whole.json';

/** Records the size of every file of a finished download; called last, so that a broken one has no record. */
export function recordContents(folder: string): void {
  writeFileSync(join(folder, contentsFile), JSON.stringify(contentsOf(folder)));
}

/**
 * Whether a download is complete: every recorded file still has its size. A full disk or an interrupted copy leaves
 * shorter files; checking their content at each start would take seconds.
 */
export function isComplete(folder: string): boolean {
  try {
    const recorded = JSON.parse(readFileSync(join(folder, contentsFile), 'utf8')) as Record<string, number>;
    return Object.entries(recorded).every(([name, bytes]) => lstatSync(join(folder, name)).size === bytes);
  } catch {
    return false;
  }
}

function contentsOf(folder: string): Record<string, number> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) => !entry.isDirectory(),
  );
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [relative(folder, path), lstatSync(path).size]));
}

/** The names of truncated archives: a jar ends with its directory. */
export function brokenArchives(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jar'))
    .filter((name) => !readFileSync(join(folder, name)).subarray(-endBytesMax).includes(endOfDirectory));
}

/** The record that ends every zip file, and the longest it can be: 22 bytes and a comment (PKZIP APPNOTE 4.3.16). */
const endOfDirectory = Buffer.from([0x50, 0x4b, 0x05, 0x06]);
const endBytesMax = 22 + 65_535;
