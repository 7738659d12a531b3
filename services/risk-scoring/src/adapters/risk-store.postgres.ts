import { newId } from '@aeo/platform/ids';
import type { AppendOutbox } from '@aeo/platform/outbox';
import type { Database, Transaction } from '@aeo/platform/postgres';
import { topics } from '@aeo/proto';
import { groupOf } from '../domain/train.ts';
import type { HistoryItem, Ports, StoredExample, StoredModel, TrainingOutcome } from '../ports.ts';
import type { Scorecard } from '../domain/scorecard.ts';

/** @param append puts the new threshold table into the outbox of the transaction that stores it */
export function postgresRiskStore(database: Database, append: AppendOutbox): Ports {
  return {
    addHistory: (items) => addHistory(database, items),
    history: () => readHistory(database),
    saveTraining: (outcome) =>
      database.transaction((transaction) => saveTraining(transaction, outcome, append)),
    newestModel: () => newestModel(database),
    findThresholdTable: (purpose, version) => findThresholdTable(database, purpose, version),
  };
}

// Arrays of arrays cannot be unnested row by row, so each observation travels as JSON.
const insertHistory = `
  INSERT INTO history_item (declaration_id, item_number, declared_on, office, categories, numbers, finding)
  SELECT "declarationId", "itemNumber", "declaredOn", office,
         ARRAY(SELECT jsonb_array_elements_text(observation->'categories')),
         ARRAY(SELECT jsonb_array_elements_text(observation->'numbers')::double precision), finding
  FROM jsonb_to_recordset($1::jsonb) AS item ("declarationId" text, "itemNumber" integer, "declaredOn" date,
       office text, observation jsonb, finding boolean)
  ON CONFLICT DO NOTHING`;

async function addHistory(database: Database, items: readonly HistoryItem[]): Promise<number> {
  const { rowCount } = await database.query({ name: 'history-insert', text: insertHistory }, [
    JSON.stringify(items),
  ]);
  return rowCount;
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

async function saveTraining(transaction: Transaction, outcome: TrainingOutcome, append: AppendOutbox) {
  const { model, scores, purpose } = outcome;
  const modelId = newId();
  const saved = await transaction.query<{ version: bigint }>(
    `INSERT INTO model (model_id, seed, data_hash, metrics, scorecard) VALUES ($1, $2, $3, $4, $5) RETURNING version`,
    [
      modelId,
      String(model.seed),
      model.dataHash,
      JSON.stringify(model.metrics),
      JSON.stringify(model.scorecard),
    ],
  );
  await transaction.query(
    `INSERT INTO recorded_score (declaration_id, office, declared_on, base)
     SELECT * FROM unnest($1::text[], $2::text[], $3::date[], $4::integer[])
     ON CONFLICT (declaration_id) DO UPDATE SET base = excluded.base`,
    [
      scores.map(({ declarationId }) => declarationId),
      scores.map(({ office }) => office),
      scores.map(({ declaredOn }) => declaredOn),
      scores.map(({ base }) => base),
    ],
  );
  // Two trainings at once would take the same version; the primary key lets one of them through.
  const newest = await transaction.query<{ version: bigint | null }>(
    'SELECT max(version) AS version FROM threshold_table WHERE purpose = $1',
    [purpose],
  );
  const tableVersion = (newest.rows[0]?.version ?? 0n) + 1n;
  const record = outcome.encodeTable(tableVersion);
  await transaction.query('INSERT INTO threshold_table (purpose, version, record) VALUES ($1, $2, $3)', [
    purpose,
    String(tableVersion),
    Buffer.from(record),
  ]);
  await append(transaction, [
    {
      topic: topics.thresholdTable.name,
      key: String(purpose),
      value: record,
      eventType: 'ThresholdTableComputed',
    },
  ]);
  return { modelId, modelVersion: saved.rows[0]?.version ?? 0n, tableVersion };
}

type ModelRow = { model_id: string; version: bigint; scorecard: Scorecard };

async function newestModel(database: Database): Promise<StoredModel | undefined> {
  const { rows } = await database.query<ModelRow>(
    'SELECT model_id, version, scorecard FROM model ORDER BY version DESC LIMIT 1',
  );
  const row = rows[0];
  return row && { modelId: row.model_id, version: row.version, scorecard: row.scorecard };
}

async function findThresholdTable(database: Database, purpose: number, version: bigint) {
  const { rows } = await database.query<{ record: Buffer }>(
    `SELECT record FROM threshold_table
     WHERE purpose = $1 AND ($2::bigint = 0 OR version = $2::bigint) ORDER BY version DESC LIMIT 1`,
    [purpose, String(version)],
  );
  return rows[0]?.record;
}
