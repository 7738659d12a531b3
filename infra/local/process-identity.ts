import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A process is named by its id and its start time: ids are used again. */
export type ProcessIdentity = { pid: number; startedAt: string };

/** The identity of a living process, or undefined where none has this id (Linux; elsewhere the id alone). */
export function identityOf(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command in brackets may hold blanks; after it, the state is field 3 and the start time field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : { pid, startedAt: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identityOf(identity.pid)?.startedAt === identity.startedAt;
}

/** Notes a child, so that a later start finds it if this process is killed. */
export function noteProcess(folder: string, name: string, pid: number): void {
  const identity = identityOf(pid);
  if (identity === undefined) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.pid`), JSON.stringify(identity));
}

export function forgetProcess(folder: string, name: string): void {
  rmSync(join(folder, `${name}.pid`), { force: true });
}

/** Ends what an earlier, killed start left behind, by process group. Returns the names of what was ended. */
export function endOrphans(folder: string): string[] {
  const ended: string[] = [];
  for (const file of listPidFiles(folder)) {
    const identity = readIdentity(join(folder, file));
    if (identity !== undefined && isAlive(identity)) {
      endGroup(identity.pid, 'SIGKILL');
      ended.push(file.slice(0, -'.pid'.length));
    }
    rmSync(join(folder, file), { force: true });
  }
  return ended;
}

/** Signals a process group whose leader has this id; one that is gone is no error. */
export function endGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function listPidFiles(folder: string): string[] {
  try {
    return readdirSync(folder).filter((file) => file.endsWith('.pid'));
  } catch {
    return [];
  }
}

/** Undefined for a file that a killed writer left unfinished. */
export function readIdentity(path: string): ProcessIdentity | undefined {
  try {
    const read = JSON.parse(readFileSync(path, 'utf8')) as Partial<ProcessIdentity>;
    return typeof read.pid === 'number' && typeof read.startedAt === 'string'
      ? { pid: read.pid, startedAt: read.startedAt }
      : undefined;
  } catch {
    return undefined;
  }
}
