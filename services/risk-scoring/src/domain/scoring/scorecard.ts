import { fitLogistic, sigmoid } from './logistic-regression.ts';
import { categoryNames, numberNames, type Observation } from './observation.ts';
import { foldOf, type TrainingSet } from './training-set.ts';

/**
 * A weight-of-evidence logistic scorecard: every category becomes the smoothed log-odds of a finding among its past
 * items, and a logistic regression weighs the standardised columns.
 */
export type Scorecard = {
  /** For each category column: log-odds by value. */
  encodings: Record<string, number>[];
  /** Log-odds of a finding overall; stands for values never seen. */
  baseLogOdds: number;
  means: number[];
  deviations: number[];
  weights: number[];
  intercept: number;
};

/** One feature as the model saw it, and what it added to the log-odds. */
export type Contribution = { name: string; value: number; contribution: number };

/** Past items that the overall rate counts for in each category: (findings + m × rate) ÷ (items + m). */
const smoothing = 20;
const innerFolds = 5;

/**
 * Trains on the given rows. Training rows are encoded out of fold, by groups, so that a row's own outcome is never
 * in its features; new rows are encoded with all training rows.
 */
export function trainScorecard(set: TrainingSet, rows: Int32Array, seed: number): Scorecard {
  const fold = Uint8Array.from(rows, (row) => foldOf(set.groups[row] ?? '', innerFolds, seed + 1));
  const base = rateOf(set, rows);
  const columns = set.categories.map((_, column) => outOfFold(set, rows, fold, column, base));
  columns.push(...set.numbers.map((numbers) => Float64Array.from(rows, (row) => numbers[row]!)));
  const means = columns.map(meanOf);
  const deviations = columns.map((column, index) => deviationOf(column, means[index]!));
  columns.forEach((column, index) => {
    for (let row = 0; row < column.length; row += 1)
      column[row] = (column[row]! - means[index]!) / deviations[index]!;
  });
  const outcomes = Uint8Array.from(rows, (row) => set.outcomes[row]!);
  const { weights, intercept } = fitLogistic(columns, outcomes);
  const encodings = set.vocabularies.map((vocabulary, column) => {
    const logOdds = encode(count(set, rows, column), base);
    const seen = [...vocabulary].filter(([, number]) => logOdds[number] !== logit(base));
    return Object.fromEntries(seen.map(([value, number]) => [value, logOdds[number]!]));
  });
  return { encodings, baseLogOdds: logit(base), means, deviations, weights, intercept };
}

/** The probability of a finding, with the contribution of every feature. */
export function score(
  card: Scorecard,
  observation: Observation,
): { probability: number; contributions: Contribution[] } {
  const values = [
    ...observation.categories.map((value, column) => encoded(card, column, value)),
    ...observation.numbers,
  ];
  const names = [...categoryNames, ...numberNames];
  let logOdds = card.intercept;
  const contributions = values.map((value, index) => {
    const contribution = ((value - card.means[index]!) / card.deviations[index]!) * card.weights[index]!;
    logOdds += contribution;
    return { name: names[index] ?? '', value, contribution };
  });
  return { probability: sigmoid(logOdds), contributions };
}

/** round(1000 × probability). */
export function baseScore(probability: number): number {
  return Math.round(1000 * probability);
}

function encoded(card: Scorecard, column: number, value: string): number {
  const encodings = card.encodings[column] ?? {};
  return Object.hasOwn(encodings, value) ? encodings[value]! : card.baseLogOdds;
}

type Counts = { items: Float64Array; findings: Float64Array };

function count(
  set: TrainingSet,
  rows: Int32Array,
  column: number,
  keep: (index: number) => boolean = () => true,
): Counts {
  const numbers = set.categories[column]!;
  const size = set.vocabularies[column]!.size;
  const counts = { items: new Float64Array(size), findings: new Float64Array(size) };
  rows.forEach((row, index) => {
    if (!keep(index)) return;
    counts.items[numbers[row]!]! += 1;
    counts.findings[numbers[row]!]! += set.outcomes[row]!;
  });
  return counts;
}

function encode({ items, findings }: Counts, base: number): Float64Array {
  return items.map((total, index) => logit((findings[index]! + smoothing * base) / (total + smoothing)));
}

function outOfFold(
  set: TrainingSet,
  rows: Int32Array,
  fold: Uint8Array,
  column: number,
  base: number,
): Float64Array {
  const numbers = set.categories[column]!;
  const byFold = Array.from({ length: innerFolds }, (_, left) =>
    encode(
      count(set, rows, column, (index) => fold[index] !== left),
      base,
    ),
  );
  return Float64Array.from(rows, (row, index) => byFold[fold[index]!]![numbers[row]!]!);
}

function rateOf(set: TrainingSet, rows: Int32Array): number {
  let findings = 0;
  rows.forEach((row) => (findings += set.outcomes[row]!));
  // Kept off 0 and 1, where log-odds have no end.
  return Math.min(1 - 1e-6, Math.max(1e-6, findings / Math.max(1, rows.length)));
}

function logit(probability: number): number {
  return Math.log(probability / (1 - probability));
}

function meanOf(column: Float64Array): number {
  return column.reduce((sum, value) => sum + value, 0) / Math.max(1, column.length);
}

/** 1 for a column that does not vary, which then adds nothing. */
function deviationOf(column: Float64Array, mean: number): number {
  const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, column.length);
  return Math.sqrt(variance) || 1;
}
