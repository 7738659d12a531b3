import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** The user on a bare machine, and the folder of the project. */
export const user = 'somebody';
export const clone = `/home/${user}/project`;

export type RunOptions = {
  /** A user of the machine; by default the one without rights. */
  as?: string;
  /** Without a network only the loopback is reachable. */
  network?: boolean;
  env?: Record<string, string>;
  /** Interrupts the program, as Ctrl-C does, once its output shows this. */
  until?: RegExp;
  /** Called once when the output shows `until`, in place of the interruption. */
  then?: () => void;
};

export type Outcome = { code: number; output: string };

/** A minimal Debian with Node and npm in a folder of its own. */
export type Machine = {
  run: (command: string, options?: RunOptions) => Promise<Outcome>;
  /** The host's path of a path in the machine. */
  path: (inside: string) => string;
  /** The ids of the processes that still run in it. */
  runningProcesses: () => number[];
  remove: () => void;
};

/**
 * Runs a program until it ends, and returns what it prints.
 *
 * @throws Error with the output where it fails
 */
export function runOrThrow(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 ** 2,
  });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}

/**
 * A machine whose files are these layers, the first on top, and whose changes go into a folder of their own.
 *
 * @param place the folder of the changes; it is emptied first
 */
export function startMachine(place: string, layers: readonly string[]): Machine {
  const below = (name: string) => join(place, name);
  stopMachine(below('root'));
  rmSync(place, { recursive: true, force: true });
  for (const name of ['root', 'changes', 'work']) mkdirSync(below(name), { recursive: true });
  const folders = `lowerdir=${layers.join(':')},upperdir=${below('changes')},workdir=${below('work')}`;
  runOrThrow('mount', '-t', 'overlay', 'overlay', '-o', folders, below('root'));
  const root = realpathSync(below('root'));
  for (const shared of ['/proc', '/dev']) runOrThrow('mount', '--bind', shared, join(root, shared));
  return {
    run: (command, options) => runIn(root, command, options ?? {}),
    path: (inside) => join(root, inside),
    runningProcesses: () => runningIn(root),
    remove: () => {
      stopMachine(root);
      rmSync(place, { recursive: true, force: true });
    },
  };
}

/** Kills the processes that still run in the machine by their ids, and unmounts all in it, the deepest first. */
export function stopMachine(place: string): void {
  if (!existsSync(place)) return;
  const root = realpathSync(place);
  for (const pid of runningIn(root)) process.kill(pid, 'SIGKILL');
  const mounted = runOrThrow('findmnt', '-rno', 'TARGET').split('\n');
  const inside = mounted.filter((path) => path === root || path.startsWith(`${root}/`));
  for (const path of inside.toSorted().toReversed()) runOrThrow('umount', '-l', path);
}

function runningIn(root: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && rootOf(pid) === root);
}

function rootOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/root`);
  } catch {
    return '';
  }
}

const boundMs = 600_000;

/** The shell ignores Ctrl-C, so that it can report how the command ended. */
function shell(command: string): string {
  return `trap : INT; cd ${clone} || exit 99; ${command}`;
}

/** Settings of the host for certificates and package sources, which apply inside as well. */
const passedOn = ['NODE_EXTRA_CA_CERTS', 'npm_config_registry', 'http_proxy', 'https_proxy', 'no_proxy'];

async function runIn(root: string, command: string, options: RunOptions): Promise<Outcome> {
  const { as = user, network = true, env = {}, until, then } = options;
  const settings = {
    ...Object.fromEntries(passedOn.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))),
    HOME: as === 'root' ? '/root' : `/home/${as}`,
    USER: as,
    TERM: 'dumb',
    PATH: `/usr/local/bin:/usr/bin:/bin${as === 'root' ? ':/usr/sbin:/sbin' : ''}`,
    DEBIAN_FRONTEND: 'noninteractive',
    ...env,
  };
  const variables = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const inside = [`--userspec=${as}:${as}`, root, 'env', '-i', ...variables, 'sh', '-c', shell(command)];
  const loopbackOnly = ['unshare', '--net', 'sh', '-c', 'ip link set lo up; exec "$@"', 'sh'];
  const [program = '', ...args] = [...(network ? [] : loopbackOnly), 'chroot', ...inside];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let output = '';
  let seen = false;
  const interrupt = () => process.kill(-(child.pid ?? 0), 'SIGINT');
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (seen || !until?.test(output)) return;
      seen = true;
      (then ?? interrupt)();
    });
  const ended = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)));
  const late = delay(boundMs, -2, { ref: false });
  const code = await Promise.race([ended, late]);
  if (code === -2) process.kill(-(child.pid ?? 0), 'SIGKILL');
  return { code, output };
}
