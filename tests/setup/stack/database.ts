import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@aeo/platform/migrations';
import { connectPostgres, type Database } from '@aeo/platform/postgres';

export type TestDatabase = { url: string; database: Database; drop(): Promise<void> };

/** A migrated database of a test's own; without a folder it holds the platform's tables alone. */
export async function createTestDatabase(serverUrl: string, migrations?: string): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const server = await connectPostgres({
    url: serverUrl,
    applicationName: 'tests',
    connectionsMax: 1,
    // A database is dropped behind a checkpoint, which waits for a busy disk.
    statementTimeoutMs: 30_000,
  });
  await server.query(`CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const none = mkdtempSync(join(tmpdir(), 'migrations-'));
  await migrate(url.href, migrations ?? none);
  rmSync(none, { recursive: true });
  const database = await connectPostgres({ url: url.href, applicationName: 'tests' });
  const drop = async () => {
    await database.stop();
    await server.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await server.stop();
  };
  return { url: url.href, database, drop };
}
