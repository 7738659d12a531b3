import { newId } from '@aeo/platform/ids';
import type { AppendOutbox } from '@aeo/platform/outbox';
import type { Database, Transaction } from '@aeo/platform/postgres';
import type { Ports, StoredModel, TrainingOutcome } from '../ports.ts';
import {
  lockThresholds,
  readLiveWindow,
  saveTable,
  writeTrainingScores,
} from './threshold-store.postgres.ts';
import type { Scorecard } from '../domain/scoring/scorecard.ts';

/** @param append puts the new threshold table into the outbox of the transaction that stores it */
export function postgresRiskStore(
  database: Database,
  append: AppendOutbox,
): Pick<Ports, 'saveTraining' | 'findNewerModel'> {
  return {
    saveTraining: (outcome) =>
      database.transaction((transaction) => saveTraining(transaction, outcome, append)),
    findNewerModel: (version) => findNewerModel(database, version),
  };
}

async function saveTraining(transaction: Transaction, outcome: TrainingOutcome, append: AppendOutbox) {
  const { model, scores, purpose } = outcome;
  const modelId = newId();
  await lockThresholds(transaction);
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
  const window = await readLiveWindow(transaction, purpose);
  const table = await saveTable(transaction, append, purpose, outcome.tableFor(window));
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
