/** A reading of the database clock and its possible error, in milliseconds. */
export type ClockReading = { nowMs: number; errorMs: number };

/**
 * Follows a database's clock from outside: each answered statement that returned `clock_timestamp()` is an
 * observation, the round trip counts as error, and a monotonic clock continues it. No decision depends on this
 * machine's wall clock.
 */
export type DatabaseClock = {
  /** Monotonic times are those of `performance.now()`, taken before sending and after receiving. */
  observe(databaseMs: number, sentMs: number, receivedMs: number): void;
  /** Undefined before the first observation and when the last one is too old. */
  read(): ClockReading | undefined;
};

type Observation = { databaseMs: number; atMs: number; errorMs: number };

// Quartz drifts by some parts in ten thousand at worst.
const driftPerMs = 0.0005;

export function databaseClock(monotonicMs: () => number, oldestMs = 10_000): DatabaseClock {
  let best: Observation | undefined;
  const errorAt = (observation: Observation, nowMs: number) =>
    observation.errorMs + (nowMs - observation.atMs) * driftPerMs;
  return {
    observe(databaseMs, sentMs, receivedMs) {
      const errorMs = (receivedMs - sentMs) / 2;
      const next = { databaseMs, atMs: (sentMs + receivedMs) / 2, errorMs };
      const expired = best !== undefined && receivedMs - best.atMs > oldestMs / 2;
      if (best === undefined || expired || errorMs <= errorAt(best, receivedMs)) best = next;
    },
    read() {
      const nowMs = monotonicMs();
      if (best === undefined || nowMs - best.atMs > oldestMs) return undefined;
      return { nowMs: best.databaseMs + (nowMs - best.atMs), errorMs: errorAt(best, nowMs) };
    },
  };
}
