import { setTimeout as wait } from 'node:timers/promises';
import type { Stoppable } from './lifecycle.ts';

/** The pause before the next round where it is not the usual one, in milliseconds, or the end of all rounds. */
export type RoundEnd = undefined | number | 'done';

export type PeriodicOptions = {
  name: string;
  everyMs: number;
  /** The pause before the first round, `everyMs` unless given; with 0 it begins before `startPeriodic` returns. */
  firstMs?: number;
  /** The signal is aborted by the stop, which then waits for the round. */
  round: (signal: AbortSignal) => Promise<RoundEnd | void>;
  /** Reports a round that failed; not called after the stop. */
  onError: (error: unknown) => void;
  /** Pauses double from failure to failure up to this; no failure shortens the usual pause. */
  retryMaxMs?: number;
  /** Injected by tests. It ends early, without an error, when the signal is aborted. */
  pause?: (ms: number, signal: AbortSignal) => Promise<unknown>;
};

export type Periodic = Stoppable & {
  /** Ends the pause under way, or the one after the round under way: the next round begins at once. */
  runSoon(): void;
};

const retryMaxUsualMs = 5_000;

/** Runs rounds one after the other, with a pause between them, until it is stopped. */
export function startPeriodic(options: PeriodicOptions): Periodic {
  const { everyMs, round, onError, pause = pauseUntil } = options;
  const retryMaxMs = Math.max(everyMs, options.retryMaxMs ?? retryMaxUsualMs);
  const stopping = new AbortController();
  let early = new AbortController();
  let failures = 0;
  const rest = async (ms: number) => {
    await pause(ms, early.signal);
    early = new AbortController();
  };
  const attempt = async (): Promise<number | 'done'> => {
    try {
      const end = await round(stopping.signal);
      failures = 0;
      return end ?? everyMs;
    } catch (error) {
      if (stopping.signal.aborted) return 'done';
      onError(error);
      failures += 1;
      return Math.min(retryMaxMs, everyMs * 2 ** (failures - 1));
    }
  };
  const ended = (async () => {
    const { firstMs = everyMs } = options;
    if (firstMs > 0) await rest(firstMs);
    while (!stopping.signal.aborted) {
      const end = await attempt();
      if (end === 'done') return;
      if (!stopping.signal.aborted) await rest(end);
    }
  })();
  return {
    name: options.name,
    runSoon: () => early.abort(),
    stop: async () => {
      stopping.abort();
      early.abort();
      await ended;
    },
  };
}

function pauseUntil(ms: number, signal: AbortSignal): Promise<unknown> {
  return wait(ms, undefined, { signal }).catch(() => undefined);
}
