import { setTimeout as pause } from 'node:timers/promises';
import { toAppError } from '@aeo/platform/errors';
import { connectPostgres, type Database } from '@aeo/platform/postgres';

const statementTimeoutMs = 60_000;

/** Reads a service's database over one read-only connection. */
export async function inDatabase<T>(url: string, read: (database: Database) => Promise<T>): Promise<T> {
  const database = await connectInTime(url);
  try {
    await database.query('SET default_transaction_read_only = on');
    return await read(database);
  } finally {
    await database.stop();
  }
}

const connectWithinMs = 30_000;

/** A server that recovers from a fault, or runs on a busy machine, may accept connections late. */
async function connectInTime(url: string): Promise<Database> {
  const settings = { url, applicationName: 'auditor', connectionsMax: 1, statementTimeoutMs };
  for (const endMs = Date.now() + connectWithinMs; ; await pause(500)) {
    try {
      return await connectPostgres(settings);
    } catch (error) {
      if (toAppError(error).code !== 'unavailable' || Date.now() > endMs) throw error;
    }
  }
}

const pageRows = 5_000;

/** The rows of a statement page by page. @param after what a row says of where the next page begins */
export async function* pages<Row>(
  database: Database,
  statement: string,
  first: readonly unknown[],
  after: (row: Row) => unknown[],
): AsyncGenerator<Row> {
  for (let from: readonly unknown[] = first; ;) {
    const { rows } = await database.query<Row>(statement, [...from, pageRows]);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageRows) return;
    from = after(last);
  }
}
