import type { Ports, StoredModel } from '../../ports.ts';

export type ModelInUse = {
  /**
   * The newest model known, undefined before the first training.
   *
   * @throws AppError `unavailable` when none is known and the store is away
   */
  current: () => Promise<StoredModel | undefined>;
  /** Looks for a newer model now, as after a training. */
  refresh: () => Promise<void>;
};

const lookEveryMs = 1_000;

/**
 * Keeps the newest model at hand. Another instance may train at any time, so a newer one is looked for, at most once a
 * second and while scoring goes on with the one held; that there is none yet is never kept.
 *
 * @param monotonicMs a clock that is never set back
 */
export function modelInUse(findNewerModel: Ports['findNewerModel'], monotonicMs: () => number): ModelInUse {
  let held: StoredModel | undefined;
  let lookedMs = 0;
  let looking: Promise<void> | undefined;
  const look = () =>
    (looking ??= findNewerModel(held?.version ?? 0n)
      .then((found) => void (held = found ?? held))
      .finally(() => (looking = undefined)));
  return {
    current: async () => {
      const nowMs = monotonicMs();
      if (held === undefined) {
        lookedMs = nowMs;
        await look();
      } else if (nowMs - lookedMs >= lookEveryMs) {
        lookedMs = nowMs;
        // The model held serves until the store answers again.
        look().catch(() => undefined);
      }
      return held;
    },
    refresh: async () => {
      // A look under way may have begun before the training was stored.
      await looking?.catch(() => undefined);
      await look();
    },
  };
}
