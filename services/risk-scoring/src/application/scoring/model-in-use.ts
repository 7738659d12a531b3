import type { Ports, StoredModel } from '../../ports.ts';

export type ModelInUse = {
  /**
   * The newest model known, undefined before the first training.
   *
   * @throws AppError `unavailable` when none is known and the store does not answer
   */
  current: () => Promise<StoredModel | undefined>;
  /** Queries for a newer model now, as after a training. */
  refresh: () => Promise<void>;
};

const queryEveryMs = 1_000;

/**
 * Keeps the newest model in memory. Another instance may train at any time, so a newer one is queried, at most once a
 * second and while scoring uses the present one; that there is none yet is never cached.
 *
 * @param monotonicMs a clock that is never set back
 */
export function modelInUse(findNewerModel: Ports['findNewerModel'], monotonicMs: () => number): ModelInUse {
  let present: StoredModel | undefined;
  let queriedMs = 0;
  let inProgress: Promise<void> | undefined;
  const query = () =>
    (inProgress ??= findNewerModel(present?.version ?? 0n)
      .then((found) => void (present = found ?? present))
      .finally(() => (inProgress = undefined)));
  return {
    current: async () => {
      const nowMs = monotonicMs();
      if (present === undefined) {
        queriedMs = nowMs;
        await query();
      } else if (nowMs - queriedMs >= queryEveryMs) {
        queriedMs = nowMs;
        // The present model is used until the store answers again.
        query().catch(() => undefined);
      }
      return present;
    },
    refresh: async () => {
      // A query in progress may have begun before the training was stored.
      await inProgress?.catch(() => undefined);
      await query();
    },
  };
}
