import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

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

/**
 * Kills what is noted in a folder or below it, by process group, and waits until it is gone: a server that is started too early
 * finds the lock of the one before. Returns the names of what was ended.
 *
 * @throws Error naming a process that is there after the bound
 */
export async function endNoted(
  folder: string,
  { except = [], boundMs = 10_000 }: { except?: readonly string[]; boundMs?: number } = {},
): Promise<string[]> {
  const noted = listPidFiles(folder)
    .map((file) => ({ name: file.slice(0, -'.pid'.length), path: join(folder, file) }))
    .filter(({ name }) => !except.includes(name))
    .map((note) => ({ ...note, identity: readIdentity(note.path) }));
  const alive = noted.flatMap(({ name, identity }) =>
    identity !== undefined && isAlive(identity) ? [{ name, identity }] : [],
  );
  for (const { identity } of alive) endGroup(identity.pid, 'SIGKILL');
  await untilGone(
    alive.map(({ identity }) => identity),
    boundMs,
  );
  for (const { path } of noted) rmSync(path, { force: true });
  return alive.map(({ name }) => name);
}

/**
 * Waits until none of these processes is alive.
 *
 * @throws Error naming one that is there after the bound
 */
export async function untilGone(identities: readonly ProcessIdentity[], boundMs: number): Promise<void> {
  const endMs = Date.now() + boundMs;
  for (const identity of identities) {
    while (isAlive(identity)) {
      if (Date.now() > endMs) throw new Error(`Process ${identity.pid} was killed and does not end.`);
      await delay(20);
    }
  }
}

/** Signals a process group whose leader has this id; one that is gone is no error. */
export function endGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
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
