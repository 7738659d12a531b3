import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { createDatabase } from '../local/services/databases.ts';
import { postgresPasswordFile, prepared, settingsFile } from './prepared.ts';

/**
 * Creates a database and a role for each service, with the password in its settings.
 *
 * @returns a line for each database
 */
export async function prepareDatabases(folder: string, postgresAddress: string): Promise<string[]> {
  const password = readFileSync(postgresPasswordFile(folder), 'utf8').trim();
  const server = `postgres://postgres:${password}@${postgresAddress}/postgres`;
  const ready: string[] = [];
  for (const { owner, service } of prepared) {
    const settings = parseEnv(readFileSync(join(folder, owner, service, settingsFile), 'utf8'));
    const own = new URL(settings['DATABASE_URL'] ?? '');
    await createDatabase(server, owner, service, own.password);
    ready.push(`database ${own.pathname.slice(1)}`);
  }
  return ready;
}
