import { AppError } from '@aeo/platform/errors';
import type { Database, Transaction } from '@aeo/platform/postgres';
import { groupOf } from '../domain/scoring/train.ts';
import type { HistoryDeclaration, Ports, StoredExample } from '../ports.ts';

export function postgresHistory(database: Database): Pick<Ports, 'addHistory' | 'history'> {
  return {
    addHistory: (rows) => database.transaction((transaction) => addHistory(transaction, rows)),
    history: () => readHistory(database),
  };
}

// Arrays of arrays cannot be unnested row by row, so each observation travels as JSON. One order for all keeps two
// imports from deadlocking.
const insertHistory = `
  INSERT INTO history_item (declaration_id, item_number, declared_on, office, categories, numbers, finding,
                            content_hash)
  SELECT "declarationId", "itemNumber", "declaredOn", office,
         ARRAY(SELECT jsonb_array_elements_text(observation->'categories')),
         ARRAY(SELECT jsonb_array_elements_text(observation->'numbers')::double precision), finding,
         decode("contentHash", 'hex')
  FROM jsonb_to_recordset($1::jsonb) AS item ("declarationId" text, "itemNumber" integer, "declaredOn" date,
       office text, observation jsonb, finding boolean, "contentHash" text)
  ORDER BY "declarationId", "itemNumber"
  ON CONFLICT DO NOTHING`;

// Run after the insert: the rows stored by then are those that every import is compared with.
const findReused = `
  SELECT DISTINCT sent.place::integer - 1 AS place
  FROM unnest($1::text[], $2::bytea[]) WITH ORDINALITY AS sent (declaration_id, content_hash, place)
  JOIN history_item AS stored USING (declaration_id)
  WHERE stored.content_hash <> sent.content_hash ORDER BY place`;

async function addHistory(transaction: Transaction, rows: readonly HistoryDeclaration[]): Promise<number> {
  const items = rows.flatMap(({ items: each, contentHash, ...shared }) =>
    each.map((item) => ({ ...shared, ...item, contentHash: contentHash.toString('hex') })),
  );
  const { rowCount } = await transaction.query({ name: 'history-insert', text: insertHistory }, [
    JSON.stringify(items),
  ]);
  const reused = await transaction.query<{ place: number }>({ name: 'history-reused', text: findReused }, [
    rows.map(({ declarationId }) => declarationId),
    rows.map(({ contentHash }) => contentHash),
  ]);
  if (reused.rows.length > 0) throw keyReused(reused.rows.map(({ place }) => place));
  return rowCount;
}

function keyReused(places: number[]): AppError {
  const fields = places.map((place) => ({ path: `rows[${place}].declaration`, code: 'KEY_REUSED' }));
  return new AppError('conflict', 'KEY_REUSED', 'a declaration is stored with other content', { fields });
}

type HistoryRow = {
  declaration_id: string;
  declared_on: string;
  office: string;
  categories: string[];
  numbers: number[];
  finding: boolean;
};

async function readHistory(database: Database): Promise<StoredExample[]> {
  const { rows } = await database.query<HistoryRow>(
    `SELECT declaration_id, declared_on::text, office, categories, numbers, finding
     FROM history_item ORDER BY declared_on, declaration_id, item_number`,
  );
  return rows.map((row) => {
    const observation = { categories: row.categories, numbers: row.numbers };
    return {
      declarationId: row.declaration_id,
      declaredOn: row.declared_on,
      office: row.office,
      observation,
      finding: row.finding,
      group: groupOf(observation),
    };
  });
}
