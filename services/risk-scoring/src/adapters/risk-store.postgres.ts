import { newId } from '@aeo/platform/ids';
import type { AppendOutbox } from '@aeo/platform/outbox';
import type { Database, Transaction } from '@aeo/platform/postgres';
import { groupOf } from '../domain/train.ts';
import type { HistoryItem, Ports, StoredExample, StoredModel, TrainingOutcome } from '../ports.ts';
import { saveTable, writeTrainingScores } from './threshold-store.postgres.ts';
import type { Scorecard } from '../domain/scorecard.ts';

/** @param append puts the new threshold table into the outbox of the transaction that stores it */
export function postgresRiskStore(
  database: Database,
  append: AppendOutbox,
): Pick<Ports, 'addHistory' | 'history' | 'saveTraining' | 'findNewerModel'> {
  return {
    addHistory: (items) => addHistory(database, items),
    history: () => readHistory(database),
    saveTraining: (outcome) =>
      database.transaction((transaction) => saveTraining(transaction, outcome, append)),
    findNewerModel: (version) => findNewerModel(database, version),
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
  await writeTrainingScores(transaction, purpose, scores);
  const table = await saveTable(transaction, append, purpose, outcome.makeTable);
  return { modelId, modelVersion: saved.rows[0]?.version ?? 0n, table };
}

type ModelRow = { model_id: string; version: bigint; scorecard: Scorecard };

async function findNewerModel(database: Database, version: bigint): Promise<StoredModel | undefined> {
  const { rows } = await database.query<ModelRow>(
    {
      name: 'model-newer',
      text: 'SELECT model_id, version, scorecard FROM model WHERE version > $1 ORDER BY version DESC LIMIT 1',
    },
    [String(version)],
  );
  const row = rows[0];
  return row && { modelId: row.model_id, version: row.version, scorecard: row.scorecard };
}
