import { createHash } from 'node:crypto';
import { AppError } from '@aeo/platform/errors';
import type { UnaryHandler } from '@aeo/platform/grpc';
import { common, riskTables, type riskService } from '@aeo/proto';
import { thresholdTable, type Thresholds, type ThresholdTable } from '../domain/threshold-table.ts';
import { train, type Trained } from '../domain/train.ts';
import type { Ports, StoredExample } from '../ports.ts';

const purpose = common.Purpose.FISCAL_COMPLIANCE;
const defaults = { capacityPermille: 100, documentPermille: 100, windowDays: 30, poolBelowExpected: 20 };

type Response = riskService.TrainModelResponse;

/** The first threshold table comes from scores that no model gave to rows it was trained on. */
export const trainModel =
  (
    ports: Pick<Ports, 'history' | 'saveTraining'> & { now(): Date },
  ): UnaryHandler<riskService.TrainModelRequest, Response> =>
  async ({ seed, capacityPermille }) => {
    if (capacityPermille < 0 || capacityPermille > 1000) {
      const fields = [{ path: 'capacityPermille', code: 'FIELD_RANGE' }];
      throw new AppError('invalid', 'FIELD_RANGE', 'thousandths lie between 0 and 1000', { fields });
    }
    const examples = await ports.history();
    const trained = trainOn(examples, Number(seed));
    const scores = highestOfEachDeclaration(examples, trained);
    const settings = { ...defaults, ...(capacityPermille === 0 ? {} : { capacityPermille }) };
    const table = thresholdTable(scores, settings);
    const dataHash = hashOf(examples);
    let thresholds = riskTables.ThresholdTable.fromPartial({});
    const saved = await ports.saveTraining({
      model: { seed, dataHash, metrics: trained.metrics, scorecard: trained.scorecard },
      scores,
      purpose,
      encodeTable: (version) => {
        thresholds = messageOf(table, settings, version, ports.now());
        return riskTables.ThresholdTable.encode(thresholds).finish();
      },
    });
    const { modelId, modelVersion } = saved;
    const rows = BigInt(examples.length);
    return { modelId, modelVersion, dataHash, rows, metrics: trained.metrics, thresholds };
  };

function trainOn(examples: StoredExample[], seed: number): Trained {
  const findings = examples.filter(({ finding }) => finding).length;
  if (findings === 0 || findings === examples.length) {
    throw new AppError(
      'conflict',
      'NO_HISTORY',
      'training needs past declarations with and without findings',
    );
  }
  return train(examples, seed);
}

function highestOfEachDeclaration(examples: StoredExample[], trained: Trained) {
  const highest = new Map<
    string,
    { declarationId: string; office: string; declaredOn: string; base: number }
  >();
  examples.forEach(({ declarationId, office, declaredOn }, index) => {
    const base = Math.max(trained.baseScores[index] ?? 0, highest.get(declarationId)?.base ?? 0);
    highest.set(declarationId, { declarationId, office, declaredOn, base });
  });
  return [...highest.values()];
}

function hashOf(examples: StoredExample[]): Buffer {
  const hash = createHash('sha256');
  for (const { declarationId, declaredOn, observation, finding } of examples) {
    hash.update(
      JSON.stringify([declarationId, declaredOn, observation.categories, observation.numbers, finding]),
    );
  }
  return hash.digest();
}

function messageOf(
  table: ThresholdTable,
  settings: typeof defaults,
  version: bigint,
  computedAt: Date,
): riskTables.ThresholdTable {
  return riskTables.ThresholdTable.fromPartial({
    purpose,
    version,
    computedAt,
    windowEndsOn: table.windowEndsOn,
    windowDays: settings.windowDays,
    capacityPermille: settings.capacityPermille,
    pooled: lanesOf(table.pooled),
    offices: [...table.offices].map(([office, thresholds]) => ({ office, thresholds: lanesOf(thresholds) })),
  });
}

function lanesOf({ red, yellow, declarations, selected }: Thresholds): riskTables.LaneThresholds {
  return riskTables.LaneThresholds.fromPartial({
    red,
    yellow,
    windowDeclarations: BigInt(declarations),
    windowSelected: BigInt(selected),
  });
}
