import { readFileSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { startChild, type Child, type ChildOptions } from './child-process.ts';
import { groupListens } from './listeners.ts';
import { canConnect } from './ports.ts';

/** How long a child may take, and what calls the wait off before that. */
export type Patience = { boundMs: number; ending?: AbortSignal | undefined };

const failedStopMs = 2_000;

/**
 * Starts a child and waits until it answers; one that does not is stopped.
 *
 * @throws Error with the end of its log when it exits or the time is over, the ending's reason when that comes first
 */
export async function startReady(
  options: ChildOptions,
  answers: (pid: number) => Promise<boolean>,
  patience: Patience,
): Promise<Child> {
  patience.ending?.throwIfAborted();
  const child = startChild(options);
  try {
    await untilReady(child, answers, patience);
    return child;
  } catch (error) {
    await child.stop(failedStopMs);
    throw error;
  }
}

/** Whether a child itself takes connections on all these ports; another program that does is not the child's answer. */
export function listening(...ports: number[]): (pid: number) => Promise<boolean> {
  return async (pid) => {
    for (const port of ports) if (!(await canConnect(port)) || !groupListens(pid, port)) return false;
    return true;
  };
}

async function untilReady(
  child: Child,
  answers: (pid: number) => Promise<boolean>,
  { boundMs, ending }: Patience,
): Promise<void> {
  const endMs = Date.now() + boundMs;
  while (!(await answers(child.process.pid ?? 0)) || child.ending() !== undefined) {
    ending?.throwIfAborted();
    const cause = child.ending() ?? (Date.now() > endMs ? `no answer in ${boundMs} ms` : undefined);
    if (cause !== undefined) throw new Error(`${child.name} did not start (${cause}).${lastLogWords(child)}`);
    await delay(50);
  }
}

/** What became of a program that was run to its end; `absent` is one that this machine does not have. */
export type Outcome = { kind: 'done' } | { kind: 'absent' } | { kind: 'failed'; why: string };

/**
 * Runs a program to its end, as a child of its own like the servers; the ending stops it.
 *
 * @throws the ending's reason when that comes first
 */
export async function runToEnd(options: ChildOptions, ending: AbortSignal): Promise<Outcome> {
  ending.throwIfAborted();
  if (options.logFile !== undefined) rmSync(options.logFile, { force: true });
  const child = startChild(options);
  let stopping: Promise<void> | undefined;
  const stop = () => void (stopping = child.stop(failedStopMs));
  ending.addEventListener('abort', stop, { once: true });
  await child.exited;
  ending.removeEventListener('abort', stop);
  // A child that has ended is only forgotten.
  await (stopping ?? child.stop(0));
  ending.throwIfAborted();
  if (child.process.pid === undefined) return { kind: 'absent' };
  if (child.process.exitCode === 0) return { kind: 'done' };
  return { kind: 'failed', why: `${options.command} ${child.ending()}.${lastLogWords(child)}` };
}

/** The end of the log of a part, if it has one, to be put behind a sentence. */
export function lastLogWords({ logFile }: Pick<Child, 'logFile'>): string {
  if (logFile === undefined) return '';
  return ` The end of its log:\n${lastWords(readFileSync(logFile, 'utf8'))}`;
}

/** The end of a log, without colours and the places in source that Java and Node name line by line. */
export function lastWords(log: string): string {
  const lines = stripVTControlCharacters(log)
    .split('\n')
    .filter((line) => !/^\s+(at .+|\.\.\. \d+ more)$/.test(line));
  return lines.slice(-15).join('\n');
}
