import { pruneInbox } from '../inbox.ts';
import type { Queryable } from '../postgres.ts';

const everyMs = { busy: 1_000, usual: 60_000 };

/** Deletes old events of the inbox now and then, sooner while more are left. */
export function inboxPruning(session: Queryable): { runIfDue(): Promise<void> } {
  let dueMs = 0;
  return {
    runIfDue: async () => {
      if (performance.now() < dueMs) return;
      const more = await pruneInbox(session);
      dueMs = performance.now() + (more ? everyMs.busy : everyMs.usual);
    },
  };
}
