/** A seeded generator of numbers in [0, 1): mulberry32. For resampling only, never for secrets. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export type Interval = [low: number, high: number];

const z = 1.959964;

/** Wilson's 95 % interval of a share; undefined when there is nothing to count. */
export function wilson(hits: number, trials: number): Interval | null {
  if (trials === 0) return null;
  const share = hits / trials;
  const scale = 1 + (z * z) / trials;
  const centre = (share + (z * z) / (2 * trials)) / scale;
  const half = (z * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials))) / scale;
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/** What one operator's declarations add to a paired comparison. */
export type Pair = { inspectedWith: number; inspectedWithout: number };

/**
 * The 95 % percentile bootstrap of Σ with ÷ Σ without, resampling operators: declarations of one operator are not
 * independent. Null when too few resamples have a denominator.
 */
export function bootstrapRatio(clusters: Pair[], seed: number, resamples = 1_000): Interval | null {
  const random = seededRandom(seed);
  const ratios: number[] = [];
  for (let round = 0; round < resamples; round += 1) {
    let above = 0;
    let below = 0;
    clusters.forEach(() => {
      const pair = clusters[Math.floor(random() * clusters.length)];
      above += pair?.inspectedWith ?? 0;
      below += pair?.inspectedWithout ?? 0;
    });
    if (below > 0) ratios.push(above / below);
  }
  if (ratios.length < resamples * 0.95) return null;
  ratios.sort((a, b) => a - b);
  return [quantile(ratios, 0.025), quantile(ratios, 0.975)];
}

/** The nearest-rank quantile of sorted values; NaN when there are none. */
export function quantile(sorted: number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}

/** How many items there are of each key. */
export function countBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) {
    const key = keyOf(item);
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}
