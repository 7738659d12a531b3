import { readFileSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf, untilGone, type ProcessIdentity } from '../processes/process-identity.ts';

const goneBoundMs = 10_000;

/**
 * Ends what a killed Postgres left at work on its data. Each of its processes is a group of its own, and a busy one
 * outlives the first; the next server would refuse to share the data with it. Nobody but the holder of the stack's
 * lock may call this.
 *
 * @throws Error naming a process that cannot be ended
 */
export async function endPostgresOn(data: string): Promise<void> {
  const left = postgresOn(data);
  for (const { pid } of left) kill(pid);
  await untilGone(left, goneBoundMs);
  // The killed server's id may be taken by another process, or kept by one that nobody reaps: both look alive.
  rmSync(join(data, 'postmaster.pid'), { force: true });
}

/** The Postgres processes that work in this data folder. */
export function postgresOn(data: string): ProcessIdentity[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && worksOn(pid, data))
    .flatMap((pid) => identityOf(pid) ?? []);
}

function worksOn(pid: number, data: string): boolean {
  try {
    if (readFileSync(`/proc/${pid}/comm`, 'utf8').trim() !== 'postgres') return false;
    return readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/, '') === data;
  } catch {
    // It ended meanwhile, or belongs to somebody else and so does not work on our data.
    return false;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
