import type { Observation } from './observation.ts';

/** A past item with its known outcome. Items of one group are near-copies and never on both sides of a split. */
export type Example = { observation: Observation; finding: boolean; group: string };

/** Examples by column, categories as numbers, so that encodings are counted in arrays. */
export type TrainingSet = {
  size: number;
  /** For each category column: the number of each row's value. */
  categories: Int32Array[];
  /** For each category column: value → number. */
  vocabularies: Map<string, number>[];
  numbers: Float64Array[];
  outcomes: Uint8Array;
  groups: string[];
};

export function trainingSet(examples: readonly Example[]): TrainingSet {
  const width = examples[0]?.observation.categories.length ?? 0;
  const numbersWidth = examples[0]?.observation.numbers.length ?? 0;
  const vocabularies = Array.from({ length: width }, () => new Map<string, number>());
  const categories = vocabularies.map((vocabulary, column) =>
    Int32Array.from(examples, ({ observation }) =>
      numberOf(vocabulary, observation.categories[column] ?? ''),
    ),
  );
  const numbers = Array.from({ length: numbersWidth }, (_, column) =>
    Float64Array.from(examples, ({ observation }) => observation.numbers[column] ?? 0),
  );
  return {
    size: examples.length,
    categories,
    vocabularies,
    numbers,
    outcomes: Uint8Array.from(examples, ({ finding }) => Number(finding)),
    groups: examples.map(({ group }) => group),
  };
}

function numberOf(vocabulary: Map<string, number>, value: string): number {
  const known = vocabulary.get(value);
  if (known !== undefined) return known;
  vocabulary.set(value, vocabulary.size);
  return vocabulary.size - 1;
}

/** FNV-1a of the group with a salt, modulo the number of folds: the same group is always in the same fold. */
export function foldOf(group: string, folds: number, salt: number): number {
  let hash = (2_166_136_261 ^ salt) >>> 0;
  for (let index = 0; index < group.length; index += 1) {
    hash = Math.imul(hash ^ group.charCodeAt(index), 16_777_619) >>> 0;
  }
  hash ^= hash >>> 15;
  return (Math.imul(hash, 2_246_822_519) >>> 0) % folds;
}
