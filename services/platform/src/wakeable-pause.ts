/** A pause that ends early, without an error, when the signal is aborted. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<unknown>;

export type WakeablePause = {
  rest: (ms: number) => Promise<void>;
  /** Ends the rest under way; where there is none, the next one ends at once. */
  wake: () => void;
};

/** @param pause injected by tests */
export function wakeablePause(pause: Pause = pauseUntil): WakeablePause {
  let early = new AbortController();
  return {
    rest: async (ms) => {
      await pause(ms, early.signal);
      early = new AbortController();
    },
    wake: () => early.abort(),
  };
}

function pauseUntil(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const endEarly = () => {
    clearTimeout(timer);
    resolve();
  };
  signal.addEventListener('abort', endEarly, { once: true });
  return promise;
}
