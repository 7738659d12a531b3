import type { Stoppable } from './lifecycle.ts';
import { wakeablePause, type Pause } from './wakeable-pause.ts';

/** The pause before the next round where it is not the usual one, in milliseconds, or the end of all rounds. */
type RoundEnd = undefined | number | 'done';

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
  /** Injected by tests. */
  pause?: Pause;
};

export type Periodic = Stoppable & {
  /** Ends the pause under way, or the one after the round under way: the next round begins at once. */
  runSoon(): void;
};

const retryMaxUsualMs = 5_000;

/** Runs rounds one after the other, with a pause between them, until it is stopped. */
export function startPeriodic(options: PeriodicOptions): Periodic {
  const { everyMs, round, onError } = options;
  const retryMaxMs = Math.max(everyMs, options.retryMaxMs ?? retryMaxUsualMs);
  const stopping = new AbortController();
  const { rest, wake } = wakeablePause(options.pause);
  let failures = 0;
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
    runSoon: wake,
    stop: async () => {
      stopping.abort();
      wake();
      await ended;
    },
  };
}
