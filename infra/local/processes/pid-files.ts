import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readStat } from './proc.ts';

/** A process is named by its id and its start time: ids are used again. */
export type ProcessIdentity = { pid: number; startedAt: string };

const killedTimeoutMs = 10_000;

/** The identity of a living process, or undefined where none has this id. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const stat = readStat(pid);
  return stat === undefined || stat.state === 'Z' ? undefined : { pid, startedAt: stat.startedAt };
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identityOf(identity.pid)?.startedAt === identity.startedAt;
}

/** Records a child, so that a later start finds it if this process is killed. */
export function writePidFile(folder: string, name: string, pid: number): void {
  const identity = identityOf(pid);
  if (identity === undefined) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.pid`), JSON.stringify(identity));
}

export function removePidFile(folder: string, name: string): void {
  rmSync(join(folder, `${name}.pid`), { force: true });
}

/**
 * Kills the process groups that pid files in a folder or below it name, and waits until they have ended: a server that
 * is started too early finds the lock of the one before. Returns the names of what was alive.
 *
 * @throws Error naming a process that does not end
 */
export async function killRecordedProcesses(
  folder: string,
  { except = [] }: { except?: readonly string[] } = {},
): Promise<string[]> {
  const recorded = listPidFiles(folder)
    .map((file) => ({ name: file.slice(0, -'.pid'.length), path: join(folder, file) }))
    .filter(({ name }) => !except.includes(name))
    .map((each) => ({ ...each, identity: readIdentity(each.path) }));
  const alive = recorded.filter(({ identity }) => identity !== undefined && isAlive(identity));
  await killAndWait(alive.flatMap(({ identity }) => identity ?? []));
  for (const { path } of recorded) rmSync(path, { force: true });
  return alive.map(({ name }) => name);
}

/**
 * Kills these processes with the groups they lead, and waits until they have ended.
 *
 * @throws Error naming one that is alive after ten seconds
 */
export async function killAndWait(identities: readonly ProcessIdentity[]): Promise<void> {
  const endMs = Date.now() + killedTimeoutMs;
  for (const { pid } of identities) {
    signalGroup(pid, 'SIGKILL');
    ignoreEnded(() => process.kill(pid, 'SIGKILL'));
  }
  for (const identity of identities) {
    while (isAlive(identity)) {
      if (Date.now() > endMs) throw new Error(`Process ${identity.pid} was killed and does not end.`);
      await delay(20);
    }
  }
}

/** Signals a process group whose leader has this id; one that has ended is no error. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  ignoreEnded(() => process.kill(-pid, signal));
}

function ignoreEnded(kill: () => void): void {
  try {
    kill();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Relative paths; a folder that is removed meanwhile holds none. */
function listPidFiles(folder: string, below = ''): string[] {
  return entriesOf(join(folder, below)).flatMap((entry) => {
    const path = join(below, entry.name);
    if (entry.isDirectory()) return listPidFiles(folder, path);
    return entry.name.endsWith('.pid') ? [path] : [];
  });
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
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
