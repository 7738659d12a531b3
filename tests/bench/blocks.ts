import { quantile, seededRandom, type Interval } from '../../infra/main-job/report/statistics.ts';

/** Does work for about so long and says what one operation cost, in whatever unit the benchmark has. */
export type Block = (durationMs: number) => Promise<number>;

export type BlockSettings = {
  /** Pairs of neighbouring blocks that count. */
  pairs: number;
  /** Pairs that only warm both sides up. */
  warmUpPairs: number;
  durationMs: number;
  onPair?: (done: number, of: number) => void;
};

export type Comparison = {
  ratio: number;
  interval: Interval;
  pairs: number;
  /** Medians of both sides, in the unit of the blocks. */
  subject: number;
  baseline: number;
};

/**
 * Runs subject and baseline in turn, in the order A B B A, so that a drift of the machine falls on both alike, and
 * compares each pair of neighbours.
 */
export async function compareBlocks(
  subject: Block,
  baseline: Block,
  settings: BlockSettings,
): Promise<Comparison> {
  const pairs: [number, number][] = [];
  const all = settings.warmUpPairs + settings.pairs;
  for (let round = 0; round < all; round += 1) {
    const first = round % 2 === 0;
    const early = await (first ? subject : baseline)(settings.durationMs);
    const late = await (first ? baseline : subject)(settings.durationMs);
    if (round >= settings.warmUpPairs) pairs.push(first ? [early, late] : [late, early]);
    settings.onPair?.(round + 1, all);
  }
  return compared(pairs);
}

/** The median ratio of pairs with its 95 % percentile bootstrap over the pairs. */
export function compared(pairs: readonly [subject: number, baseline: number][]): Comparison {
  const ratios = pairs.map(([subject, baseline]) => subject / baseline);
  return {
    ratio: median(ratios),
    interval: bootstrapMedian(ratios),
    pairs: pairs.length,
    subject: median(pairs.map(([subject]) => subject)),
    baseline: median(pairs.map(([, baseline]) => baseline)),
  };
}

const resamples = 2_000;

function bootstrapMedian(values: readonly number[]): Interval {
  const random = seededRandom(1);
  const medians = Array.from({ length: resamples }, () =>
    median(values.map(() => values[Math.floor(random() * values.length)] ?? Number.NaN)),
  ).sort((a, b) => a - b);
  return [quantile(medians, 0.025), quantile(medians, 0.975)];
}

/** The mean of the two in the middle where there are two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}
