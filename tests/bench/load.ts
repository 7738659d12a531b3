import { readFileSync } from 'node:fs';
import type { Block } from './blocks.ts';

/**
 * A block of so many operations at a time for its duration, one after the other in each lane.
 *
 * @returns operations a second
 */
export function throughput(lanes: number, operation: () => Promise<void>): Block {
  return async (durationMs) => {
    const startedMs = performance.now();
    let done = 0;
    const lane = async () => {
      while (performance.now() - startedMs < durationMs) {
        await operation();
        done += 1;
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return (done * 1_000) / (performance.now() - startedMs);
  };
}

const ticksPerSecond = 100;

/** CPU time a process of this machine has used, all its threads together, in microseconds. */
export function cpuMicroseconds(pid: number): number {
  // Fields are counted after the name, which may hold spaces: utime and stime are the 14th and 15th of all.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return ((Number(fields[11]) + Number(fields[12])) * 1_000_000) / ticksPerSecond;
}
