import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { processFolder } from '../../tests/setup/stack/process-folder.ts';
import { postgresData } from '../local/postgres/postgres-home.ts';
import { readIdentity } from '../local/processes/pid-files.ts';

const historyLines = 1_500;
const slow = { timeout: 120_000, interval: 20 };

let clone = '';
let started: ChildProcess[] = [];
let output = '';

/** The programs of this clone with a `.local` of their own. */
beforeEach(() => {
  clone = processFolder('clone');
  started = [];
  for (const name of ['infra', 'services', 'node_modules'])
    symlinkSync(join(process.cwd(), name), join(clone, name));
  mkdirSync(join(clone, '.local'));
  mkdirSync(join(process.cwd(), '.local/downloads'), { recursive: true });
  symlinkSync(join(process.cwd(), '.local/downloads'), join(clone, '.local/downloads'));
  const history = readFileSync('infra/data/2020.csv', 'utf8').split('\n').slice(0, historyLines);
  writeFileSync(join(clone, 'history.csv'), `${history.join('\n')}\n`);
});
afterEach(() => {
  for (const child of started) child.kill('SIGKILL');
  for (const pid of ours()) process.kill(pid, 'SIGKILL');
  const data = postgresFolder();
  if (!data.startsWith(clone)) rmSync(dirname(data), { recursive: true, force: true });
  rmSync(clone, { recursive: true });
});

function postgresFolder(): string {
  const local = (name: string) => join(clone, '.local', name);
  const folders = {
    downloads: local('downloads'),
    data: local('data'),
    logs: local('logs'),
    run: local('run'),
  };
  return postgresData({ ...folders, fresh: true });
}

function start(...args: string[]): { child: ChildProcess; exitCode: Promise<number | null> } {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(KAFKA_BROKERS|POSTGRES_URL|REDIS_URL|STACK)$/.test(name),
    ),
  );
  const script = join(process.cwd(), 'infra/tasks/start.ts');
  const child = spawn(process.execPath, [script, '--history', 'history.csv', ...args], { cwd: clone, env });
  started.push(child);
  output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => void (output += text));
  }
  return { child, exitCode: once(child, 'close').then(([code]) => code as number | null) };
}

/** Every process that was started from the clone, except the supervisor, found by its command line. */
function ours(): number[] {
  const supervisors = started.map(({ pid }) => pid);
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && !supervisors.includes(pid))
    .filter((pid) => [clone, dirname(postgresFolder())].some((path) => commandLine(pid).includes(path)));
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function recorded(): string[] {
  const run = join(clone, '.local/run');
  return existsSync(run) ? readdirSync(run).filter((name) => /\.(pid|lock)$/.test(name)) : [];
}

test('a signal while the brokers start leaves no process', { timeout: 150_000 }, async () => {
  const { child, exitCode } = start();
  await expect.poll(recorded, slow).toContain('postgres.pid');
  child.kill('SIGTERM');
  expect(await exitCode).toBe(143);
  expect(ours()).toEqual([]);
  expect(recorded()).toEqual([]);
});

test(
  'a start after a kill -9 ends the earlier processes, and Ctrl-C during its run leaves none',
  { timeout: 400_000 },
  async () => {
    const killed = start();
    await expect.poll(recorded, slow).toContain('home-clearance-priority.pid');
    killed.child.kill('SIGKILL');
    await killed.exitCode;
    expect(ours().length).toBeGreaterThan(5);

    const next = start('--keep');
    await expect.poll(() => output, slow).toMatch(/^history +1499\/1499/m);
    expect(output).toContain('Ended home-clearance-priority, left over from a start that was killed.');
    expect(recorded()).toHaveLength(10);
    next.child.kill('SIGINT');
    await expect.poll(() => output, slow).toContain('Stopping');
    // A second Ctrl-C or a closed terminal must not interrupt the stopping.
    next.child.kill('SIGINT');
    next.child.kill('SIGHUP');
    expect(await next.exitCode).toBe(130);
    expect(ours()).toEqual([]);
    expect(recorded()).toEqual([]);
  },
);

test(
  'a server that ends makes the run end with its name and leaves no process',
  { timeout: 150_000 },
  async () => {
    const { exitCode } = start();
    await expect.poll(recorded, slow).toContain('home-risk-scoring.pid');
    const redis = readIdentity(join(clone, '.local/run/redis.pid'));
    process.kill(redis?.pid ?? 0, 'SIGKILL');
    expect(await exitCode).toBe(1);
    expect(output).toContain('redis ended with SIGKILL while it was needed.');
    expect(ours()).toEqual([]);
    expect(recorded()).toEqual([]);
  },
);
