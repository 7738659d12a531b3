import { newId } from '@aeo/platform/ids';
import type { Database, Transaction } from '@aeo/platform/postgres';
import type { Scorecard } from '../domain/scoring/scorecard.ts';
import type { NewModel, Ports, StoredModel } from '../ports.ts';

export function postgresModelStore(database: Database): Pick<Ports, 'findNewerModel'> {
  return { findNewerModel: (version) => findNewerModel(database, version) };
}

export async function saveModel(
  transaction: Transaction,
  { seed, dataHash, metrics, scorecard }: NewModel,
): Promise<{ modelId: string; version: bigint }> {
  const modelId = newId();
  const { rows } = await transaction.query<{ version: bigint }>(
    `INSERT INTO model (model_id, seed, data_hash, metrics, scorecard) VALUES ($1, $2, $3, $4, $5) RETURNING version`,
    [modelId, String(seed), dataHash, JSON.stringify(metrics), JSON.stringify(scorecard)],
  );
  return { modelId, version: rows[0]?.version ?? 0n };
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
