import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runToEnd } from '../processes/readiness.ts';
import { relinkInside } from './relink.ts';
import { secondsSince } from '../processes/seconds-since.ts';
import type { StackSite } from '../stack-types.ts';
import { isComplete, recordContents } from './complete-download.ts';

/** A program that is fetched where this machine lacks it. */
export type DebianProgram = {
  name: string;
  title: string;
  /** The package that contains the program, and that a person would install. */
  installed: string;
  /** Only packages that match are fetched. */
  only?: RegExp;
  /** Repairs the unpacked folder. */
  finish?: (folder: string) => void;
};

/**
 * Downloads a Debian package with the dependencies that this machine lacks, and unpacks all below the downloads, without
 * root and without installing anything. A download that is not complete any more is fetched again.
 *
 * @returns the folder they are unpacked in
 * @throws Error with the command that installs the program by hand
 */
export async function unpackDebianPackages(site: StackSite, program: DebianProgram): Promise<string> {
  const folder = join(site.folders.downloads, program.name);
  if (isComplete(folder)) return folder;
  const startedMs = performance.now();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { lists, names } = await packagesToFetch(site, program);
  await run(site, program, folder, 'apt-get', [...lists, 'download', ...names]);
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.deb'))) {
    await run(site, program, folder, 'dpkg-deb', ['-x', file, '.']);
    rmSync(join(folder, file));
  }
  relinkInside(folder);
  program.finish?.(folder);
  recordContents(folder);
  site.log(`  ${program.title} fetched in ${secondsSince(startedMs)}`);
  return folder;
}

/** Where the shared libraries of unpacked packages are. */
export function unpackedLibraries(folder: string): NodeJS.ProcessEnv {
  const places = ['usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu'].map((each) => join(folder, each));
  return { LD_LIBRARY_PATH: places.join(':') };
}

/**
 * The package, its direct dependencies, and what else this machine lacks. Where the machine's package lists are empty,
 * as in containers, or too old, lists of our own are fetched, which needs no root either.
 */
async function packagesToFetch(
  site: StackSite,
  program: DebianProgram,
): Promise<{ lists: string[]; names: string[] }> {
  const place = join(site.folders.downloads, 'apt');
  const own = ['-o', `Dir::State::Lists=${place}/lists`, '-o', `Dir::Cache=${place}/cache`];
  const plan = async (lists: string[]) => {
    const install = ['install', '-s', '-qq', '-y', '--no-install-recommends', program.installed];
    const planned = await run(site, program, place, 'apt-get', [...lists, ...install]);
    const named = await run(site, program, place, 'apt-cache', [...lists, 'depends', program.installed]);
    const names = [...installedBy(planned), ...dependenciesIn(named), program.installed];
    return { lists, names: [...new Set(names)].filter((name) => program.only?.test(name) ?? true) };
  };
  for (const below of ['lists/partial', 'cache/archives/partial'])
    mkdirSync(join(place, below), { recursive: true });
  try {
    return await plan([]);
  } catch (error) {
    if ((error as { cause?: unknown }).cause !== 'failed') throw error;
    await fetchedOnce(place, async () => {
      await run(site, program, place, 'apt-get', [...own, '-qq', 'update']);
    });
    return await plan(own);
  }
}

/** The package lists that this process fetches or has fetched, by folder. */
const ownLists = new Map<string, Promise<void>>();

/**
 * Several programs are fetched at the same time, and apt-get refuses lists that another apt-get is fetching: later calls
 * wait for the first, and fetch the lists themselves where it failed.
 */
function fetchedOnce(place: string, fetch: () => Promise<void>): Promise<void> {
  const fetched = ownLists.get(place)?.catch(fetch) ?? fetch();
  ownLists.set(place, fetched);
  return fetched;
}

/** The packages that a simulated installation lists: `Inst libatomic1 (12.2.0 …)`. */
export function installedBy(plan: string): string[] {
  return [...plan.matchAll(/^Inst (\S+) /gm)].map(([, name = '']) => name);
}

/** The direct dependencies of a package: `  Depends: redis-tools`; alternatives begin with a bar. */
export function dependenciesIn(listed: string): string[] {
  return [...listed.matchAll(/^ {2}Depends: ([a-z0-9][a-z0-9.+-]+)$/gm)].map(([, name = '']) => name);
}

async function run(
  { folders, shutdown }: StackSite,
  { name, title, installed }: DebianProgram,
  cwd: string,
  command: string,
  args: string[],
): Promise<string> {
  const logFile = join(folders.logs, `fetch-${name}.log`);
  const env = { LC_ALL: 'C' };
  const options = { name: `fetch-${name}`, command, args, cwd, env, logFile, pidFolder: folders.run };
  const outcome = await runToEnd(options, shutdown);
  const byHand = `Install it as root: ${aptInstall(installed)}`;
  if (outcome.kind === 'absent') {
    const why = `${title} is not on this machine, nor is ${command} to fetch it.`;
    throw new Error(`${why} ${byHand}`, { cause: outcome.kind });
  }
  if (outcome.kind === 'failed')
    throw new Error(`${title} is not on this machine and cannot be fetched. ${byHand}\n${outcome.why}`, {
      cause: outcome.kind,
    });
  return existsSync(logFile) ? readFileSync(logFile, 'utf8') : '';
}

/** The whole command: a machine's package lists may be empty, and there may be no terminal to confirm on. */
function aptInstall(name: string): string {
  return `apt-get update && apt-get install -y ${name}`;
}

/** What this command prints; undefined where it is not on the PATH or fails. */
export function commandOnPath(
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv = {},
): string | undefined {
  const result = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, ...env } });
  return result.status === 0 ? `${result.stdout}${result.stderr}` : undefined;
}
