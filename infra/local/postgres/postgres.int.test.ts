import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { connectPostgres } from '@aeo/platform/postgres';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { processFolder } from '../../../tests/setup/stack/process-folder.ts';
import type { Child } from '../processes/child-process.ts';
import { postgresData } from './postgres-home.ts';
import { killPostgresOn, postgresProcesses } from './postgres-processes.ts';
import { startPostgres } from './postgres.ts';
import { killRecordedProcesses } from '../processes/pid-files.ts';
import type { StackSite, StartedServer } from '../stack-types.ts';

const directory = processFolder('postgres');
const at = (name: string) => join(directory, name);
const site = (fresh: boolean): StackSite => ({
  folders: { downloads: at('downloads'), data: at('data'), logs: at('logs'), run: at('run'), fresh },
  log: () => undefined,
  shutdown: new AbortController().signal,
});
const data = postgresData(site(true).folders);
let server: StartedServer<Child>;

beforeAll(async () => {
  ['data', 'logs', 'run'].forEach((name) => mkdirSync(at(name)));
  server = await startPostgres(site(true));
});
afterAll(async () => {
  await server.part.stop(8_000);
  rmSync(directory, { recursive: true });
  if (!data.startsWith(directory)) rmSync(dirname(data), { recursive: true });
});

async function query(text: string): Promise<Record<string, unknown>[]> {
  const database = await connectPostgres({
    url: server.address,
    applicationName: 'tests',
    connectionsMax: 1,
  });
  return database
    .query(text)
    .then(({ rows }) => rows)
    .finally(() => database.stop());
}

async function session(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: server.address });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

test('a start after a kill -9 ends the processes on the data and finds what was committed', async () => {
  await query('CREATE TABLE kept AS SELECT generate_series(1, 100000) AS id');
  // A busy session does not notice that its server was killed.
  const busy = (await session()).query('SELECT count(*) FROM generate_series(1, 1000000000000)');
  const lost = expect(busy).rejects.toThrow();
  await expect
    .poll(() => query("SELECT 1 FROM pg_stat_activity WHERE query LIKE '%10000000000%'"))
    .toHaveLength(2);
  process.kill(server.part.process.pid ?? 0, 'SIGKILL');
  await server.part.exited;
  expect(postgresProcesses(data).length).toBeGreaterThan(0);

  await killRecordedProcesses(at('run'));
  await killPostgresOn(data);
  expect(postgresProcesses(data)).toEqual([]);
  await lost;
  server = await startPostgres(site(false));
  expect(await query('SELECT count(*)::int AS n FROM kept')).toEqual([{ n: 100_000 }]);
});

test('an idle session does not delay the stop', async () => {
  await session();
  const startedMs = performance.now();
  await server.part.stop(60_000);
  expect(performance.now() - startedMs).toBeLessThan(20_000);
  expect(server.part.process.exitCode).toBe(0);
  server = await startPostgres(site(false));
});
