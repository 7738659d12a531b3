import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { endGroup, forgetProcess, noteProcess } from './process-identity.ts';

export type ChildOptions = {
  name: string;
  command: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  uid?: number;
  gid?: number;
  /** Everything the child prints. */
  logFile: string;
  pidFolder: string;
};

/** A child in its own process group, so that Ctrl-C does not reach it before the supervisor does. */
export type Child = {
  name: string;
  process: ChildProcess;
  logFile: string;
  stop(boundMs: number): Promise<void>;
};

export function startChild(options: ChildOptions): Child {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'a');
  const child = spawn(options.command, options.args, {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.gid ?? options.uid }),
  });
  closeSync(log);
  if (child.pid !== undefined) noteProcess(options.pidFolder, options.name, child.pid);
  const stop = async (boundMs: number) => {
    await stopChild(child, boundMs);
    forgetProcess(options.pidFolder, options.name);
  };
  return { name: options.name, process: child, logFile: options.logFile, stop };
}

async function stopChild(child: ChildProcess, boundMs: number): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => endGroup(child.pid ?? 0, 'SIGKILL'), boundMs);
  await exited;
  clearTimeout(timer);
}

/**
 * Waits until a child's port answers.
 *
 * @throws Error with the end of its log when the child exits or the time is over
 */
export async function untilListening(child: Child, port: number, boundMs: number): Promise<void> {
  const endMs = Date.now() + boundMs;
  let failure: Error | undefined;
  child.process.once('error', (error) => (failure = error));
  while (!(await canConnect(port))) {
    const ended = child.process.exitCode ?? child.process.signalCode;
    if (failure !== undefined || ended !== null || Date.now() > endMs) {
      const cause =
        failure?.message ?? (ended === null ? `no answer in ${boundMs} ms` : `ended with ${ended}`);
      throw new Error(`${child.name} did not start (${cause}). The end of its log:\n${endOf(child.logFile)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function endOf(file: string): string {
  return readFileSync(file, 'utf8').split('\n').slice(-15).join('\n');
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });
}

/** A port nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
