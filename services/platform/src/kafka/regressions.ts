type Version = { epoch: bigint; number: bigint };

type Behind = { attempts: number; dueMs: number };

/** A repetition comes back within seconds, or the relay is held up and another one would only wait behind it. */
const againMs = 10_000;
/** A state that is older than the topic is not mended by saying it again: its version has to be raised. */
const attemptsMax = 3;

export type Repetition = { key: string; attempt: number; last: boolean };

/** Finds the keys whose last record is older than one before it, or cannot be read. */
export function createRegressions() {
  const newest = new Map<string, Version>();
  const behind = new Map<string, Behind>();
  const isBehind = (key: string) => {
    if (!behind.has(key)) behind.set(key, { attempts: 0, dueMs: 0 });
  };
  return {
    met: (key: string, version: Version): void => {
      const known = newest.get(key);
      if (known !== undefined && older(version, known)) return isBehind(key);
      newest.set(key, version);
      behind.delete(key);
    },
    /** Readers are kept from the key until a record comes that can be read and says everything. */
    unusable: isBehind,
    /** The keys to be published again now; each is named again until a record mends it, three times at most. */
    due: (nowMs: number): Repetition[] => {
      const keys: Repetition[] = [];
      for (const [key, state] of behind) {
        if (state.attempts >= attemptsMax || nowMs < state.dueMs) continue;
        state.attempts += 1;
        state.dueMs = nowMs + againMs;
        keys.push({ key, attempt: state.attempts, last: state.attempts === attemptsMax });
      }
      return keys;
    },
  };
}

export function older(left: Version, right: Version): boolean {
  return left.epoch < right.epoch || (left.epoch === right.epoch && left.number < right.number);
}
