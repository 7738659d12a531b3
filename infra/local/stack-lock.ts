import { linkSync, rmSync, writeFileSync } from 'node:fs';
import { identityOf, isAlive, readIdentity } from './processes/pid-files.ts';

/**
 * Allows one start at a time in a folder. The lock names its holder by process id and start time, so that the lock of a
 * killed start has no effect.
 *
 * @throws Error naming the process that holds it
 */
export function acquireLock(path: string): { release(): void } {
  const identity = identityOf(process.pid) ?? { pid: process.pid, startedAt: '' };
  for (let attempt = 0; ; attempt += 1) {
    try {
      take(path, JSON.stringify(identity));
      return { release: () => rmSync(path, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 0) throw error;
      const holder = readIdentity(path);
      if (holder !== undefined && isAlive(holder)) {
        throw new Error(
          `Another start of this clone is running (process ${holder.pid}). Stop it first: kill ${holder.pid}`,
          {
            cause: error,
          },
        );
      }
      rmSync(path, { force: true });
    }
  }
}

/** Written under another name and then linked: a lock always names its holder, and only one link can succeed. */
function take(path: string, text: string): void {
  const draft = `${path}.${process.pid}`;
  try {
    writeFileSync(draft, text);
    linkSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
}
