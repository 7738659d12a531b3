import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runToEnd } from './readiness.ts';
import { relinkInside } from './relink.ts';
import { secondsSince } from './seconds-since.ts';
import type { StackSite } from './stack.ts';

/** A program that is fetched where the machine has none, and the package that installs it by hand. */
export type DebianProgram = { name: string; title: string; packages: string[]; installed: string };

/**
 * Downloads Debian packages and unpacks them below the downloads, without root and without installing anything.
 * The stamp is written last: a broken download is fetched again.
 *
 * @returns the folder they are unpacked in
 * @throws Error with the command that installs them by hand
 */
export async function unpackDebianPackages(site: StackSite, program: DebianProgram): Promise<string> {
  const folder = join(site.folders.downloads, program.name);
  const stamp = join(folder, '.unpacked');
  if (existsSync(stamp)) return folder;
  const startedMs = performance.now();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await run(site, program, folder, 'apt-get', ['download', ...program.packages]);
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.deb'))) {
    await run(site, program, folder, 'dpkg-deb', ['-x', file, '.']);
    rmSync(join(folder, file));
  }
  relinkInside(folder);
  writeFileSync(stamp, program.packages.join('\n'));
  site.log(`  ${program.title} fetched in ${secondsSince(startedMs)}`);
  return folder;
}

async function run(
  { folders, ending }: StackSite,
  { name, title, installed }: DebianProgram,
  cwd: string,
  command: string,
  args: string[],
): Promise<void> {
  const logFile = join(folders.logs, `fetch-${name}.log`);
  const options = { name: `fetch-${name}`, command, args, cwd, logFile, pidFolder: folders.run };
  const outcome = await runToEnd(options, ending);
  if (outcome.kind === 'absent')
    throw new Error(`${title} is not on this machine, nor is ${command} to fetch it: install it by hand.`);
  if (outcome.kind === 'failed')
    throw new Error(
      `${title} cannot be fetched. Install it as root: ${aptInstall(installed)}\n${outcome.why}`,
    );
}

/** The whole command: a machine's package lists may be empty. */
export function aptInstall(name: string): string {
  return `apt-get update && apt-get install ${name}`;
}

/** What this command prints where it is on the PATH and ends well. */
export function commandOnPath(command: string, args: string[]): string | undefined {
  const result = spawnSync(command, args, { encoding: 'utf8' });
  return result.status === 0 ? `${result.stdout}${result.stderr}` : undefined;
}
