import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf, killAndWait, type ProcessIdentity } from '../processes/pid-files.ts';
import { processIds, readProc, readProcLink } from '../processes/proc.ts';

/**
 * Kills what a killed Postgres left running on its data. Each of its processes is a group of its own, and a busy one
 * outlives the first; the next server would refuse to share the data with it. Only the holder of the stack's lock may
 * call this.
 *
 * @throws Error naming a process that does not end
 */
export async function killPostgresOn(data: string): Promise<void> {
  await killAndWait(postgresProcesses(data));
  // The killed server's id may be taken by another process, or kept by one that no parent reaps: both look alive.
  rmSync(join(data, 'postmaster.pid'), { force: true });
}

/** The Postgres processes that work in this data folder. */
export function postgresProcesses(data: string): ProcessIdentity[] {
  return processIds()
    .filter((pid) => readProc(`${pid}/comm`).trim() === 'postgres')
    .filter((pid) => readProcLink(`${pid}/cwd`).replace(/ \(deleted\)$/, '') === data)
    .flatMap((pid) => identityOf(pid) ?? []);
}
