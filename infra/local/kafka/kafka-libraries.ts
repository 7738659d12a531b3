import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandOnPath, unpackDebianPackages } from '../fetch/debian-packages.ts';
import type { Java } from '../fetch/java.ts';
import { runToEnd } from '../processes/readiness.ts';
import { secondsSince } from '../processes/seconds-since.ts';
import type { StackSite } from '../stack-types.ts';
import { brokenArchives, isComplete, recordContents } from '../fetch/complete-download.ts';

const pom = fileURLToPath(new URL('./pom.xml', import.meta.url));

/**
 * The folder of Kafka's jars. Maven fetches them once, and again where they are not complete any more.
 *
 * @throws Error with the command that mends it
 */
export async function kafkaLibraries(site: StackSite, java: Java): Promise<string> {
  const folder = join(site.folders.downloads, 'kafka');
  if (isComplete(folder)) return folder;
  const maven = await mavenCommand(site, java);
  const startedMs = performance.now();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await fetch(site, java, maven, folder);
  const [broken] = brokenArchives(folder);
  if (broken !== undefined)
    throw new Error(
      `${broken} is broken in Maven's own store, from where it is copied. ` +
        `Remove it there and start again: find ~/.m2/repository -name ${broken} -delete`,
    );
  recordContents(folder);
  site.log(`  Kafka fetched in ${secondsSince(startedMs)}`);
  return folder;
}

async function fetch(site: StackSite, java: Java, maven: string, folder: string): Promise<void> {
  const { folders, shutdown } = site;
  const args = ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${folder}`];
  const logFile = join(folders.logs, 'fetch-kafka.log');
  const run = { name: 'fetch-kafka', command: maven, args, env: java.env, logFile };
  const outcome = await runToEnd({ ...run, pidFolder: folders.run }, shutdown);
  if (outcome.kind === 'done') return;
  const again = [...Object.entries(java.env).map(([name, value]) => `${name}='${value}'`), maven, ...args];
  const why = outcome.kind === 'failed' ? outcome.why : `${maven} cannot be started.`;
  throw new Error(
    `Kafka cannot be fetched: Maven cannot copy its jars. It takes them from Maven Central, or from the mirror ` +
      `that ~/.m2/settings.xml names. Where this works, npm start does: ${again.join(' ')}\n${why}`,
  );
}

/** The machine's own Maven, otherwise Debian's, unpacked without root; all its Java libraries end in -java there. */
async function mavenCommand(site: StackSite, java: Java): Promise<string> {
  if (commandOnPath('mvn', ['-version'], java.env) !== undefined) return 'mvn';
  const program = { name: 'maven', title: 'Maven', installed: 'maven', only: /^(maven|.*-java)$/ };
  return join(await unpackDebianPackages(site, program), 'usr/share/maven/bin/mvn');
}
