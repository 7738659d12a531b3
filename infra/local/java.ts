import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandOnPath, unpackDebianPackages } from './debian-packages.ts';
import { javaKeyStore, trustedCertificates } from './java-key-store.ts';
import type { StackSite } from './stack.ts';

const oldestMajor = 17;
const packages = ['openjdk-17-jre-headless', 'zlib1g', 'libjpeg62-turbo', 'liblcms2-2'];

/** `home` is set where Java was fetched: programs that look for Java by themselves must be told. */
export type Java = { command: string; home?: string };

/**
 * The Java to use: the machine's own from 17 on, otherwise Debian's, unpacked without root.
 *
 * @throws Error with the command that installs it by hand
 */
export async function findJava(site: StackSite): Promise<Java> {
  const version = commandOnPath('java', ['-version']);
  if (version !== undefined && majorOf(version) >= oldestMajor) return { command: 'java' };
  const folder = await unpackDebianPackages(site, {
    ...{ name: 'java', title: 'Java 17', packages },
    installed: 'default-jre-headless',
  });
  const home = join(folder, 'usr/lib/jvm/java-17-openjdk-amd64');
  giveCertificates(join(home, 'lib/security/cacerts'));
  return { command: join(home, 'bin/java'), home };
}

/** Debian's Java trusts what another package collects when it is installed; one that was only unpacked trusts nobody. */
function giveCertificates(file: string): void {
  if (existsSync(file)) return;
  rmSync(file, { force: true });
  writeFileSync(file, javaKeyStore(trustedCertificates()));
}

/** The major version of what `java -version` prints, 0 where none can be read. */
export function majorOf(printed: string): number {
  const found = /version "(?:1\.)?(\d+)/.exec(printed);
  return Number(found?.[1] ?? 0);
}
