import { linkSync, rmSync, writeFileSync } from 'node:fs';
import { identityOf, isAlive, readIdentity } from './processes/process-identity.ts';

/**
 * One start at a time in a folder. The lock names its holder by process id and start time, so one left by a killed
 * start does not hold.
 *
 * @throws Error naming the process that holds it
 */
export function holdLock(path: string): { release(): void } {
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

/** Written aside and then linked: a lock that is there names its holder, and only one link takes a name. */
function take(path: string, text: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    writeFileSync(aside, text);
    linkSync(aside, path);
  } finally {
    rmSync(aside, { force: true });
  }
}
