import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandOnPath, unpackDebianPackages, unpackedLibraries } from './debian-packages.ts';
import { javaKeyStore, trustedCertificates } from './java-key-store.ts';
import type { StackSite } from '../stack-types.ts';

const oldestMajor = 17;

/** `home` is set where Java was fetched: programs that search for Java themselves need it. */
export type Java = { command: string; home?: string; env: NodeJS.ProcessEnv };

/**
 * The Java to use: the machine's own if it is 17 or newer, otherwise Debian's, unpacked without root.
 *
 * @throws Error with the command that installs it by hand
 */
export async function findJava(site: StackSite): Promise<Java> {
  const version = commandOnPath('java', ['-version']);
  if (version !== undefined && majorOf(version) >= oldestMajor)
    return { command: 'java', env: trustSettings(site, process.env) };
  const folder = await unpackDebianPackages(site, {
    name: 'java',
    title: `Java ${oldestMajor} or newer`,
    installed: 'default-jre-headless',
    finish: (unpacked) => addCertificates(join(unpackedHome(unpacked), 'lib/security/cacerts')),
  });
  const home = unpackedHome(folder);
  return { command: join(home, 'bin/java'), home, env: { JAVA_HOME: home, ...unpackedLibraries(folder) } };
}

/**
 * An extra authority that is configured for Node, as behind a company's proxy, must also be trusted by the Java of this
 * machine that fetches Kafka. A trust store that MAVEN_OPTS already names is kept.
 */
export function trustSettings(
  { folders }: Pick<StackSite, 'folders'>,
  env: { NODE_EXTRA_CA_CERTS?: string; MAVEN_OPTS?: string },
): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: extra = '', MAVEN_OPTS: options = '' } = env;
  if (extra === '' || options.includes('javax.net.ssl.trustStore')) return {};
  const file = join(folders.downloads, 'trusted.jks');
  mkdirSync(folders.downloads, { recursive: true });
  writeFileSync(file, javaKeyStore(trustedCertificates()));
  return { MAVEN_OPTS: `${options} -Djavax.net.ssl.trustStore=${file}`.trim() };
}

/** The folder's name differs between Debian's releases. */
function unpackedHome(folder: string): string {
  const all = join(folder, 'usr/lib/jvm');
  const home = readdirSync(all).find((name) => existsSync(join(all, name, 'bin/java')));
  if (home === undefined) throw new Error(`There is no Java in ${all}; remove it: rm -rf ${folder}`);
  return join(all, home);
}

/** Debian's Java trusts what another package collects at installation; an unpacked Java trusts no authority. */
function addCertificates(file: string): void {
  if (existsSync(file)) return;
  rmSync(file, { force: true });
  writeFileSync(file, javaKeyStore(trustedCertificates()));
}

/** The major version in what `java -version` prints, 0 where there is none. */
export function majorOf(printed: string): number {
  const found = /version "(?:1\.)?(\d+)/.exec(printed);
  return Number(found?.[1] ?? 0);
}
