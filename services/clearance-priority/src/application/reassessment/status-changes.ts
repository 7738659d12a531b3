import type { Place, StatusChange } from '../../ports.ts';

/** The operators whose status changed, until every open decision made before the change was re-evaluated. */
export type StatusChanges = {
  /** @param now the database's time */
  note: (operatorIds: Iterable<string>, now: Date) => void;
  /** The next page to request; undefined when no change waits. */
  next: (now: Date) => { changes: StatusChange[]; after: Place | undefined } | undefined;
  /** Called after a page was decided, with its last row where more may follow. */
  done: (after: Place | undefined) => void;
};

type Pass = { startedMs: number; changes: StatusChange[]; after: Place | undefined };

// A decision under way when a status changes was made without it and may be recorded this much later: a wait for a
// connection and a statement, 2 s each.
const underWayMs = 5_000;
const operatorsMax = 500;

/**
 * Goes through the decisions of the changed operators page by page. An operator leaves after a pass that began when
 * no decision made before its change can still be under way.
 */
export function createStatusChanges(): StatusChanges {
  const changedMs = new Map<string, number>();
  let pass: Pass | undefined;
  return {
    note: (operatorIds, now) => {
      for (const operatorId of operatorIds) changedMs.set(operatorId, now.getTime());
    },
    next: (now) => {
      if (changedMs.size === 0) return undefined;
      pass ??= {
        startedMs: now.getTime(),
        changes: [...changedMs]
          .slice(0, operatorsMax)
          .map(([operatorId, ms]) => ({ operatorId, decidedBefore: new Date(ms + underWayMs) })),
        after: undefined,
      };
      return pass;
    },
    done: (after) => {
      if (pass === undefined) return;
      if (after !== undefined) {
        pass.after = after;
        return;
      }
      for (const { operatorId, decidedBefore } of pass.changes) {
        const seenAll = pass.startedMs >= decidedBefore.getTime();
        // Changed once more meanwhile: the next pass is for that.
        const same = changedMs.get(operatorId) === decidedBefore.getTime() - underWayMs;
        if (seenAll && same) changedMs.delete(operatorId);
      }
      pass = undefined;
    },
  };
}
