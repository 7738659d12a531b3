import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { signalGroup, removePidFile, writePidFile } from './pid-files.ts';

export type ChildOptions = {
  name: string;
  command: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  uid?: number;
  gid?: number;
  /** Receives the child's output; without it the output goes to this process's own. */
  logFile?: string;
  /** The folder of its pid file, by which a later start finds it if this process is killed. */
  pidFolder?: string;
  /** The signal on which this program shuts down in order; SIGTERM by default. */
  stopSignal?: NodeJS.Signals;
};

/** A child in its own process group, so that Ctrl-C does not reach it before the supervisor does. */
export type Child = {
  name: string;
  process: ChildProcess;
  logFile: string | undefined;
  /** Fulfilled when the child has ended or could not be started. */
  exited: Promise<void>;
  /** How it ended or why it could not be started; undefined while it runs. */
  exitReason(): string | undefined;
  /** Stops it; what is left of its group after the bound is killed. */
  stop(boundMs: number): Promise<void>;
};

/** A server of the stack: a child process or a container. */
export type Part = Pick<Child, 'name' | 'logFile' | 'exited' | 'exitReason' | 'stop'>;

export function startChild(options: ChildOptions): Child {
  const { name, logFile, pidFolder } = options;
  const child = launch(options);
  if (pidFolder !== undefined && child.pid !== undefined) writePidFile(pidFolder, name, child.pid);
  let failure: string | undefined;
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.on('error', (error) => {
      // Later errors, such as a signal that did not arrive, are not the child's end.
      if (child.pid !== undefined) return;
      failure = error.message;
      resolve();
    });
  });
  const exitReason = () => {
    const how = child.exitCode ?? child.signalCode;
    // Node invents an exit code for a program that could not be started.
    return failure ?? (how === null ? undefined : `ended with ${how}`);
  };
  const stop = async (boundMs: number) => {
    await stopChild(child, exited, options.stopSignal ?? 'SIGTERM', boundMs);
    if (pidFolder !== undefined) removePidFile(pidFolder, name);
  };
  return { name, process: child, logFile, exited, exitReason, stop };
}

function launch(options: ChildOptions): ChildProcess {
  const log = options.logFile === undefined ? 'inherit' : openLog(options.logFile);
  const child = spawn(options.command, options.args, {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.gid ?? options.uid }),
  });
  if (log !== 'inherit') closeSync(log);
  return child;
}

function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true });
  return openSync(file, 'a');
}

async function stopChild(
  child: ChildProcess,
  exited: Promise<void>,
  signal: NodeJS.Signals,
  boundMs: number,
): Promise<void> {
  const { pid } = child;
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), boundMs);
  await exited;
  clearTimeout(timer);
  // Ends processes that the child started and left running.
  signalGroup(pid, 'SIGKILL');
}
