import { isOlder, type StatusVersion } from './status-version.ts';

type Repair = { attempts: number; dueMs: number };

/** A repetition is read back within seconds; otherwise the relay is delayed, and another one would wait behind it. */
const repeatAfterMs = 10_000;
/** A state that is older than the topic is not repaired by publishing it again: its version has to be raised. */
const attemptsMax = 3;

export type Repetition = { key: string; attempt: number; last: boolean };

/** Finds the keys whose last record is older than one before it, or is not usable. */
export function trackRegressions() {
  const newest = new Map<string, StatusVersion>();
  const repairs = new Map<string, Repair>();
  const requireRepair = (key: string) => {
    if (!repairs.has(key)) repairs.set(key, { attempts: 0, dueMs: 0 });
  };
  return {
    observe: (key: string, version: StatusVersion): void => {
      const known = newest.get(key);
      if (known !== undefined && isOlder(version, known)) return requireRepair(key);
      newest.set(key, version);
      repairs.delete(key);
    },
    /** Readers do not see the key's state until a record follows that is readable and complete. */
    observeUnusable: requireRepair,
    /** The keys to be published again now; each is returned until a record repairs it, three times at most. */
    due: (nowMs: number): Repetition[] => {
      const keys: Repetition[] = [];
      for (const [key, state] of repairs) {
        if (state.attempts >= attemptsMax || nowMs < state.dueMs) continue;
        state.attempts += 1;
        state.dueMs = nowMs + repeatAfterMs;
        keys.push({ key, attempt: state.attempts, last: state.attempts === attemptsMax });
      }
      return keys;
    },
  };
}
