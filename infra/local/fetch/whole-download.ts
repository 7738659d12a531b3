import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const seal = '.whole.json';

/** Notes what a finished download holds; called last, so that a broken one has no note. */
export function sealDownload(folder: string): void {
  writeFileSync(join(folder, seal), JSON.stringify(contentsOf(folder)));
}

/**
 * Whether a download is all there: every file that was noted has its size still. A disk that was full, or a copy that
 * was cut short, leaves shorter files; reading all of them at each start would take seconds.
 */
export function isWhole(folder: string): boolean {
  try {
    const noted = JSON.parse(readFileSync(join(folder, seal), 'utf8')) as Record<string, number>;
    return Object.entries(noted).every(([name, bytes]) => lstatSync(join(folder, name)).size === bytes);
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

/** The names of archives that end too early: a jar's directory is its end, so half a jar has none. */
export function brokenArchives(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jar'))
    .filter((name) => !readFileSync(join(folder, name)).subarray(-endBytesMax).includes(endOfDirectory));
}

/** The record that ends every zip file, and the longest it can be: 22 bytes and a comment (PKZIP APPNOTE 4.3.16). */
const endOfDirectory = Buffer.from([0x50, 0x4b, 0x05, 0x06]);
const endBytesMax = 22 + 65_535;
