import type { Finding } from './benchmark.ts';

/** One finding as a line: the ratio with its interval, both sides, and whether it is where it should be. */
export function line({ ratioOf, comparison, unit, goal }: Finding): string {
  const { ratio, interval, subject, baseline, pairs } = comparison;
  const [low, high] = interval.map(figure);
  const sides = `${figure(subject)} ÷ ${figure(baseline)} ${unit}`;
  const numbers = `${figure(ratio)} [${low ?? ''}, ${high ?? ''}]`;
  return `  ${ratioOf.padEnd(58)} ${numbers.padEnd(22)} ${sides}, ${pairs} pairs${verdict(interval, goal)}`;
}

/** By the end of the interval that speaks against it. */
function verdict([low, high]: Finding['comparison']['interval'], goal: Finding['goal']): string {
  if (goal === undefined) return '';
  if ('atLeast' in goal)
    return `; goal ≥ ${goal.atLeast}: ${low >= goal.atLeast ? 'reached' : 'not reached'}`;
  return `; goal ≤ ${goal.atMost}: ${high <= goal.atMost ? 'reached' : 'not reached'}`;
}

/** Three digits that matter. */
function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
