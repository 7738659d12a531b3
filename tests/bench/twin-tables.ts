import type { Database } from '@aeo/platform/postgres';

/** The tables a recorded decision is written to, and what names the declaration in each. */
const tables = {
  consignment: `consignment_key = 'declaration/' || given.id`,
  declaration_draw: 'declaration_id = given.id',
  decision_key: 'declaration_id = given.id',
  ledger: 'declaration_id = given.id',
  proof_pending: `subject = given.id || '/1/1'`,
  outbox: 'key = given.id',
  provisional: 'declaration_id = given.id',
} as const;

type Table = keyof typeof tables;
const names = Object.keys(tables) as Table[];

/** The rows of one batch, ready to be inserted as they are: for each table an array of texts for each column. */
export type Written = { text: string; values: (string | null)[][] };

/** Tables with the same columns and indexes in a schema of their own. */
export async function createTwins(database: Database): Promise<void> {
  await database.query('CREATE SCHEMA twin');
  for (const table of names)
    await database.query(`CREATE TABLE twin.${table} (LIKE public.${table} INCLUDING ALL)`);
}

/** Empties the tables of a schema, so that both sides begin each block alike. */
export async function emptyTables(database: Database, schema: 'public' | 'twin'): Promise<void> {
  await database.query(`TRUNCATE ${names.map((table) => `${schema}.${table}`).join(', ')}`);
}

/** What was written for each batch of declarations, and one statement that writes it to the twins. */
export async function writtenRows(database: Database, batches: readonly string[][]): Promise<Written[]> {
  const written = batches.map((): Written => ({ text: '', values: [] }));
  const parts: string[] = [];
  for (const table of names) {
    const columns = await columnsOf(database, table);
    const rows = await rowsOf(database, table, columns, batches);
    const first = written[0]?.values.length ?? 0;
    written.forEach(({ values }, batch) => {
      const own = rows.get(batch) ?? [];
      values.push(...columns.map(({ name }) => own.map((row) => row[name] ?? null)));
    });
    parts.push(insertion(table, columns, first + 1));
  }
  const text = `WITH ${parts.map((part, index) => `written_${index} AS (${part})`).join(', ')} SELECT 1`;
  return written.map(({ values }) => ({ text, values }));
}

type Row = Record<string, string | null>;

async function rowsOf(
  database: Database,
  table: Table,
  columns: readonly Column[],
  batches: readonly string[][],
): Promise<Map<number, Row[]>> {
  const { rows } = await database.query<Row & { in_batch: number }>(
    `SELECT ${columns.map(({ name }) => `held.${name}::text`).join(', ')}, given.in_batch
     FROM unnest($1::text[], $2::integer[]) AS given (id, in_batch) JOIN public.${table} AS held ON ${tables[table]}`,
    [batches.flat(), batches.flatMap((ids, batch) => ids.map(() => batch))],
  );
  return Map.groupBy(rows, (row) => row.in_batch);
}

/** @param first the number of the first parameter */
function insertion(table: Table, columns: readonly Column[], first: number): string {
  const arrays = columns.map((_, index) => `$${first + index}::text[]`).join(', ');
  const cast = columns.map(({ name, type }) => `${name}::${type}`).join(', ');
  const list = columns.map(({ name }) => name).join(', ');
  return `INSERT INTO twin.${table} (${list}) SELECT ${cast} FROM unnest(${arrays}) AS given (${list})`;
}

/** One commit, one round trip, no condition. */
export async function bareInsert(database: Database, { text, values }: Written): Promise<void> {
  await database.query({ name: 'bare-insert', text }, values);
}

type Column = { name: string; type: string };
const known = new Map<Table, Column[]>();

/** Columns the database fills by itself are left to it. */
async function columnsOf(database: Database, table: Table): Promise<Column[]> {
  const held = known.get(table);
  if (held !== undefined) return held;
  const { rows } = await database.query<Column>(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attidentity = '' ORDER BY attnum`,
    [`public.${table}`],
  );
  known.set(table, rows);
  return rows;
}
