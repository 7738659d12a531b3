import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import { connectSession } from './postgres.ts';

const platformSql = fileURLToPath(new URL('../sql', import.meta.url));

/**
 * Brings a database to the newest state: first the platform's own tables, then the service's plain SQL files in the
 * order of their names. Safe to run from several processes: one does the work, the others wait.
 */
export async function migrate(url: string, directory: string): Promise<void> {
  await runFolder(url, platformSql, 'platform_migrations');
  if (readdirSync(directory).length > 0) await runFolder(url, directory, 'service_migrations');
}

async function runFolder(url: string, directory: string, table: string): Promise<void> {
  // node-pg-migrate refuses instead of waiting when another process migrates, so this lock comes before its own.
  const session = await connectSession(url, 'migrations');
  try {
    await session.query("SET statement_timeout = '60s'");
    await session.query("SELECT pg_advisory_lock(hashtext('aeo migrations'))");
    await runner({
      databaseUrl: url,
      dir: directory,
      direction: 'up',
      migrationsTable: table,
      singleTransaction: true,
      checkOrder: true,
      verbose: false,
      log: () => undefined,
    });
  } finally {
    await session.stop();
  }
}
