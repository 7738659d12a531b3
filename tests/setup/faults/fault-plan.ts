import { setTimeout as pause } from 'node:timers/promises';
import { seededRandom } from '../../../infra/main-job/report/statistics.ts';

const isFull = process.env['FAULT_TIMES'] === 'full';

/** Varies a fault between runs: its moments, the order of requests, and their names. */
export const faultSeed = Number(process.env['FAULT_SEED'] ?? '1');

const random = seededRandom(faultSeed);

/** The value for a quick run, or for a full one where FAULT_TIMES is `full`: a minute of absence, thousands of requests. */
export function scaled(quick: number, full: number): number {
  return isFull ? full : quick;
}

/** A whole number drawn by the seed, both ends included. */
export function between(least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

/** The same items in an order drawn by the seed. */
export function shuffled<T>(items: readonly T[]): T[] {
  const rest = [...items];
  return items.map(() => rest.splice(between(0, rest.length - 1), 1)[0]!);
}

/** Waits for the duration of a fault. */
export async function waitForFault(quickMs: number, fullMs = 60_000): Promise<void> {
  await pause(scaled(quickMs, fullMs));
}

/** The limit of a fault test in ms; a full run has five minutes more. */
export function testLimitMs(quick: number): number {
  return scaled(quick, quick + 300_000);
}
