import { rmSync, writeFileSync } from 'node:fs';
import { identityOf, isAlive, readIdentity } from './process-identity.ts';

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
      writeFileSync(path, JSON.stringify(identity), { flag: 'wx' });
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
