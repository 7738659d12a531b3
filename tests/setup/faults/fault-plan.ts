import { setTimeout as pause } from 'node:timers/promises';
import { seededRandom } from '../../../infra/main-job/report/statistics.ts';

const isFull = process.env['FAULT_TIMES'] === 'full';

/** What tells the runs of one fault apart: the moments it strikes at, the order of things, the names of what is asked. */
export const faultSeed = Number(process.env['FAULT_SEED'] ?? '1');

const random = seededRandom(faultSeed);

/** The figure of a quick run, or that of the earnest case where FAULT_TIMES is `full`: a minute's absence, thousands. */
export function scaled(quick: number, full: number): number {
  return isFull ? full : quick;
}

/** A whole number from the seed, both ends included. */
export function between(least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

/** The same things in the seed's order. */
export function shuffled<T>(things: readonly T[]): T[] {
  const rest = [...things];
  return things.map(() => rest.splice(between(0, rest.length - 1), 1)[0]!);
}

/** Waits as long as a fault lasts. */
export async function lasting(quickMs: number, fullMs = 60_000): Promise<void> {
  await pause(scaled(quickMs, fullMs));
}

/** A fault that lasts a minute more may take its test some minutes more. */
export function testLimitMs(quick: number): number {
  return scaled(quick, quick + 300_000);
}
