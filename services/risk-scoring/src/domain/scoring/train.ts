import { categoryNames } from './observation.ts';
import { areaUnderCurve, precisionAt } from './quality.ts';
import { baseScore, score, trainScorecard, type Scorecard } from './scorecard.ts';
import { foldOf, trainingSet, type Example, type TrainingSet } from './training-set.ts';

export type Metric = { name: string; value: number };

/** A model, its quality on groups it was not trained on, and the scores it gave them. */
export type Trained = { scorecard: Scorecard; metrics: Metric[]; baseScores: Int32Array };

const folds = 5;
const shares = [0.01, 0.02, 0.05, 0.1];

/**
 * Trains on all examples and measures by grouped five-fold cross-validation: near-copies are never on both sides.
 * `baseScores` are those of the folds that did not hold the row, in the order of the examples.
 *
 * @throws Error when there are no examples or all have the same outcome
 */
export function train(examples: readonly Example[], seed: number): Trained {
  const findings = examples.filter(({ finding }) => finding).length;
  if (findings === 0 || findings === examples.length) throw new Error('both outcomes are needed to train on');
  const set = trainingSet(examples);
  const fold = Uint8Array.from(set.groups, (group) => foldOf(group, folds, seed));
  const probabilities = new Float64Array(set.size);
  const byFold: Metric[][] = [];
  for (let held = 0; held < folds; held += 1) {
    const rows = indexes(fold, (each) => each === held);
    if (rows.length === 0) continue;
    const card = trainScorecard(
      set,
      indexes(fold, (each) => each !== held),
      seed,
    );
    rows.forEach((row) => (probabilities[row] = score(card, examples[row]!.observation).probability));
    byFold.push(measure(set, rows, probabilities));
  }
  const metrics = (byFold[0] ?? []).map(({ name }, index) => ({
    name,
    value: byFold.reduce((sum, each) => sum + each[index]!.value, 0) / byFold.length,
  }));
  metrics.push({ name: 'rows', value: set.size }, { name: 'findingRate', value: findings / set.size });
  return {
    scorecard: trainScorecard(
      set,
      indexes(fold, () => true),
      seed,
    ),
    metrics,
    baseScores: Int32Array.from(probabilities, baseScore),
  };
}

function measure(set: TrainingSet, rows: Int32Array, probabilities: Float64Array): Metric[] {
  const scores = Float64Array.from(rows, (row) => probabilities[row]!);
  const outcomes = Uint8Array.from(rows, (row) => set.outcomes[row]!);
  return [
    { name: 'groupedAreaUnderCurve', value: areaUnderCurve(scores, outcomes) },
    ...shares.map((share) => ({
      name: `groupedPrecisionAt${share * 100}`,
      value: precisionAt(share, scores, outcomes),
    })),
  ];
}

function indexes(fold: Uint8Array, keep: (fold: number) => boolean): Int32Array {
  return Int32Array.from(fold.keys().filter((index) => keep(fold[index]!)));
}

/** Items with the same goods code and net mass are near-copies of each other in the data this model learns from. */
export function groupOf(observation: Example['observation']): string {
  const hs6 = observation.categories[categoryNames.indexOf('hs6')] ?? '';
  return `${hs6}|${observation.numbers[0] ?? 0}`;
}
