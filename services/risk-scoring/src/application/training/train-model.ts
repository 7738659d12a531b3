import { createHash } from 'node:crypto';
import { AppError } from '@aeo/platform/errors';
import { common, type riskTables } from '@aeo/proto';
import type { Metric, Trained } from '../../domain/scoring/train.ts';
import { firstTable, type DeclarationScore } from '../../domain/thresholds/first-table.ts';
import { thresholdDefaults, windowDays } from '../../domain/thresholds/threshold-settings.ts';
import { thresholdTable } from '../../domain/thresholds/threshold-table.ts';
import type { Ports, StoredExample } from '../../ports.ts';
import { tableMessage } from '../thresholds/threshold-message.ts';
import { saveTraining } from './save-training.ts';

const purpose = common.Purpose.FISCAL_COMPLIANCE;

export type TrainPorts = Pick<Ports, 'history' | 'train' | 'withThresholds'> & { now: () => Date };

export type Training = {
  modelId: string;
  modelVersion: bigint;
  dataHash: Buffer;
  examples: number;
  metrics: Metric[];
  table: riskTables.ThresholdTable;
};

/**
 * Trains a model on the history. The first threshold table comes from scores that no model gave to rows it was trained
 * on; once declarations have been decided, it comes from those.
 *
 * @throws AppError `conflict` NO_HISTORY where the history has not both outcomes
 */
export async function trainModel(
  ports: TrainPorts,
  { seed, capacityPermille }: { seed: bigint; capacityPermille: number },
): Promise<Training> {
  const examples = await ports.history();
  requireBothOutcomes(examples);
  const { scorecard, metrics, baseScores } = await ports.train(examples, Number(seed));
  const settings = { ...thresholdDefaults, capacityPermille };
  const first = firstTable(highestOfEachDeclaration(examples, baseScores), settings);
  const dataHash = hashOf(examples);
  const saved = await saveTraining(ports, {
    model: { seed, dataHash, metrics, scorecard },
    scores: first.scores,
    purpose,
    tableFor: (window, version) => {
      const table = window === undefined ? first.table : thresholdTable(window.cells, settings);
      const { endsOn } = window ?? first;
      return tableMessage(table, { purpose, windowDays, capacityPermille, endsOn }, version, ports.now());
    },
  });
  return { ...saved, dataHash, examples: examples.length, metrics };
}

function requireBothOutcomes(examples: readonly StoredExample[]): void {
  const findings = examples.filter(({ finding }) => finding).length;
  if (findings > 0 && findings < examples.length) return;
  throw new AppError('conflict', 'NO_HISTORY', 'training needs past declarations with and without findings');
}

function highestOfEachDeclaration(
  examples: readonly StoredExample[],
  baseScores: Trained['baseScores'],
): DeclarationScore[] {
  const highest = new Map<string, DeclarationScore>();
  examples.forEach(({ declarationId, office, declaredOn }, index) => {
    const base = Math.max(baseScores[index] ?? 0, highest.get(declarationId)?.base ?? 0);
    highest.set(declarationId, { declarationId, office, declaredOn, base });
  });
  return [...highest.values()];
}

function hashOf(examples: readonly StoredExample[]): Buffer {
  const hash = createHash('sha256');
  for (const { declarationId, declaredOn, observation, finding } of examples) {
    hash.update(
      JSON.stringify([declarationId, declaredOn, observation.categories, observation.numbers, finding]),
    );
  }
  return hash.digest();
}
