import { join } from 'node:path';
import { commandOnPath, unpackDebianPackages } from './debian-packages.ts';

const oldestMajor = 17;
const packages = ['openjdk-17-jre-headless', 'zlib1g', 'libjpeg62-turbo', 'liblcms2-2'];

/**
 * The Java command to use: the machine's own from 17 on, otherwise Debian's, unpacked without root.
 *
 * @throws Error with the command that installs it by hand
 */
export function javaCommand(downloads: string): string {
  const version = commandOnPath('java', ['-version']);
  if (version !== undefined && majorOf(version) >= oldestMajor) return 'java';
  const folder = join(downloads, 'java');
  unpackDebianPackages(folder, packages, 'apt-get install openjdk-17-jre-headless');
  return join(folder, 'usr/lib/jvm/java-17-openjdk-amd64/bin/java');
}

/** The major version of what `java -version` prints, 0 where none can be read. */
export function majorOf(printed: string): number {
  const found = /version "(?:1\.)?(\d+)/.exec(printed);
  return Number(found?.[1] ?? 0);
}
