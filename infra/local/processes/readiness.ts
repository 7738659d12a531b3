import { readFileSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { startChild, type Child, type ChildOptions, type Part } from './child-process.ts';
import { groupListens } from './listeners.ts';
import { canConnect } from './ports.ts';

/** How long a start may take, and what cancels it before that. */
type StartLimits = { boundMs: number; shutdown?: AbortSignal | undefined };

const failedStopMs = 2_000;

/**
 * Starts a child and waits until it is ready; one that does not become ready is stopped.
 *
 * @throws Error with the end of its log when it exits or the time is over, the shutdown's reason when that comes first
 */
export async function startReady(
  options: ChildOptions,
  isReady: (pid: number) => Promise<boolean>,
  limits: StartLimits,
): Promise<Child> {
  limits.shutdown?.throwIfAborted();
  const child = startChild(options);
  try {
    await untilReady(child, () => isReady(child.process.pid ?? 0), limits);
    return child;
  } catch (error) {
    await child.stop(failedStopMs);
    throw error;
  }
}

/** Whether a child itself, and not another program, accepts connections on all these ports. */
export function listening(...ports: number[]): (pid: number) => Promise<boolean> {
  return async (pid) => {
    for (const port of ports) if (!(await canConnect(port)) || !groupListens(pid, port)) return false;
    return true;
  };
}

/**
 * Waits until a server is ready.
 *
 * @throws Error with the end of its log when it exits or the time is over, the shutdown's reason when that comes first
 */
export async function untilReady(
  part: Part,
  isReady: () => Promise<boolean>,
  { boundMs, shutdown }: StartLimits,
): Promise<void> {
  const endMs = Date.now() + boundMs;
  while (!(await isReady()) || part.exitReason() !== undefined) {
    shutdown?.throwIfAborted();
    if (part.exitReason() !== undefined) await part.exited;
    const cause = part.exitReason() ?? (Date.now() > endMs ? `no answer in ${boundMs} ms` : undefined);
    if (cause !== undefined) throw new Error(`${part.name} did not start (${cause}).${logTail(part)}`);
    await delay(50);
  }
}

/** How a program ended; `absent` is one that this machine does not have. */
export type Outcome = { kind: 'done' } | { kind: 'absent' } | { kind: 'failed'; why: string };

/**
 * Runs a program until it ends, as a recorded child like the servers; the shutdown stops it.
 *
 * @throws the shutdown's reason when that comes first
 */
export async function runToEnd(options: ChildOptions, shutdown: AbortSignal): Promise<Outcome> {
  shutdown.throwIfAborted();
  if (options.logFile !== undefined) rmSync(options.logFile, { force: true });
  const child = startChild(options);
  let stopping: Promise<void> | undefined;
  const stop = () => void (stopping = child.stop(failedStopMs));
  shutdown.addEventListener('abort', stop, { once: true });
  await child.exited;
  shutdown.removeEventListener('abort', stop);
  // For a child that has ended this only removes its pid file.
  await (stopping ?? child.stop(0));
  shutdown.throwIfAborted();
  if (child.process.pid === undefined) return { kind: 'absent' };
  if (child.process.exitCode === 0) return { kind: 'done' };
  return { kind: 'failed', why: `${options.command} ${child.exitReason()}.${logTail(child)}` };
}

/** The end of a part's log, to be appended to a sentence; empty where it has no log. */
export function logTail({ logFile }: Pick<Part, 'logFile'>): string {
  if (logFile === undefined) return '';
  return ` The end of its log:\n${lastLines(readFileSync(logFile, 'utf8'))}`;
}

/** The last lines of a log, without colours and stack frames. */
export function lastLines(log: string): string {
  const lines = stripVTControlCharacters(log)
    .split('\n')
    .filter((line) => !/^\s+(at .+|\.\.\. \d+ more)$/.test(line));
  return lines.slice(-15).join('\n');
}
