import { connectPostgres, type Database } from '@aeo/platform/postgres';

const statementTimeoutMs = 60_000;

/** Reads a service's database over one connection that can write nothing. */
export async function inDatabase<T>(url: string, read: (database: Database) => Promise<T>): Promise<T> {
  const database = await connectPostgres({
    ...{ url, applicationName: 'auditor', connectionsMax: 1, statementTimeoutMs },
  });
  try {
    await database.query('SET default_transaction_read_only = on');
    return await read(database);
  } finally {
    await database.stop();
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
