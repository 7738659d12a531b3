import { createHash } from 'node:crypto';
import { AppError } from '@aeo/platform/errors';
import type { UnaryHandler } from '@aeo/platform/grpc';
import { common, type riskService } from '@aeo/proto';
import {
  thresholdsFor,
  thresholdTable,
  type ThresholdSettings,
} from '../../domain/thresholds/threshold-table.ts';
import type { Trained } from '../../domain/scoring/train.ts';
import type { Ports, StoredExample } from '../../ports.ts';
import {
  scoreKeptDays,
  thresholdDefaults,
  windowDays,
} from '../../application/thresholds/threshold-leader.ts';
import { tableMessage } from '../../application/thresholds/threshold-message.ts';
import { invalid } from '@aeo/platform/field-problems';

const purpose = common.Purpose.FISCAL_COMPLIANCE;
const capacityDefaultPermille = 100;

type Response = riskService.TrainModelResponse;

type TrainPorts = Pick<Ports, 'history' | 'saveTraining' | 'train'> & { now: () => Date };

/**
 * The first threshold table comes from scores that no model gave to rows it was trained on; once declarations have been
 * decided, it comes from those.
 */
export const trainModel =
  (ports: TrainPorts): UnaryHandler<riskService.TrainModelRequest, Response> =>
  async (request) => {
    const { seed } = request;
    const capacityPermille = capacityOf(request);
    const examples = await ports.history();
    requireBothOutcomes(examples);
    const trained = await ports.train(examples, Number(seed));
    const scores = highestOfEachDeclaration(examples, trained);
    const settings = { ...thresholdDefaults, capacityPermille };
    const first = firstTable(scores, settings);
    const selected = ({ office, base }: Scored) => base >= thresholdsFor(first.table, office).red;
    const dataHash = hashOf(examples);
    const saved = await ports.saveTraining({
      model: { seed, dataHash, metrics: trained.metrics, scorecard: trained.scorecard },
      scores: scores
        .filter(({ declaredOn }) => isWithin(scoreKeptDays, declaredOn, first.endsOn))
        .map((score) => ({ ...score, selected: selected(score) })),
      purpose,
      tableFor: (window) => {
        const { table, endsOn } =
          window === undefined ? first : { ...window, table: thresholdTable(window.cells, settings) };
        const about = { purpose, windowDays, capacityPermille, endsOn };
        return (version) => tableMessage(table, about, version, ports.now());
      },
    });
    const { modelId, modelVersion, table: thresholds } = saved;
    const rows = BigInt(examples.length);
    return { modelId, modelVersion, dataHash, rows, metrics: trained.metrics, thresholds };
  };

function capacityOf(request: riskService.TrainModelRequest): number {
  const named = request.scoreCapacityPermille !== undefined;
  const path = named ? 'scoreCapacityPermille' : 'capacityPermille';
  const permille = request[path] ?? 0;
  if (permille < 0 || permille > 1000) throw invalid([{ path, code: 'FIELD_RANGE' }]);
  return permille === 0 && !named ? capacityDefaultPermille : permille;
}

const dayMs = 86_400_000;

function isWithin(days: number, day: string, endsOn: string): boolean {
  return Date.parse(endsOn) - Date.parse(day) < days * dayMs;
}

function firstTable(scores: Scored[], settings: ThresholdSettings) {
  const endsOn = scores.reduce((last, { declaredOn }) => (declaredOn > last ? declaredOn : last), '');
  const cells = scores
    .filter(({ declaredOn }) => isWithin(windowDays, declaredOn, endsOn))
    .map(({ office, base }) => ({ office, base, count: 1, selected: 0 }));
  return { endsOn, table: thresholdTable(cells, settings) };
}

function requireBothOutcomes(examples: StoredExample[]): void {
  const findings = examples.filter(({ finding }) => finding).length;
  if (findings > 0 && findings < examples.length) return;
  throw new AppError('conflict', 'NO_HISTORY', 'training needs past declarations with and without findings');
}

type Scored = { declarationId: string; office: string; declaredOn: string; base: number };

function highestOfEachDeclaration(examples: StoredExample[], trained: Trained): Scored[] {
  const highest = new Map<string, Scored>();
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
