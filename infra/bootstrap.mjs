// Runs on the machine's own Node (20 or newer) before anything is installed, so it may use nothing but Node itself.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const node = join(root, 'node_modules', '.bin', 'node');
const stamp = join(root, '.local', 'installed');
const pnpmVersion = '12.21.0';

const tasks = {
  start: ['infra/local/start.ts'],
  test: ['infra/local/test.ts', '--project', 'unit', '--project', 'integration', '--project', 'system'],
  'test:unit': ['infra/local/test.ts', '--project', 'unit'],
  'test:int': ['infra/local/test.ts', '--project', 'integration'],
  'test:system': ['infra/local/test.ts', '--project', 'system'],
  bench: ['tests/bench/bench.ts'],
  check: ['infra/local/check.ts'],
  gen: ['infra/local/gen.ts'],
};

const [task = '', ...rest] = process.argv.slice(2);
if (!Object.hasOwn(tasks, task)) {
  process.stderr.write(`Unknown task "${task}". Tasks: ${Object.keys(tasks).join(', ')}\n`);
  process.exit(2);
}
const nodeMajor = Number(process.versions.node.split('.')[0]);
if (nodeMajor < 20) fail(`Node 20 or newer is needed to begin; this is ${process.version}.`);
const machine = `${process.platform} ${process.arch}`;
if (machine !== 'linux x64')
  fail(
    `This runs on Linux x64 and nothing else: the programs it installs are built for it. This is ${machine}.`,
  );
await install();
const { code, error } = await run(node, taskArguments(tasks[task], rest), {
  stdio: 'inherit',
  env: { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}:${process.env.PATH ?? ''}` },
});
if (error)
  fail(
    `The installed Node 24 cannot be run: ${error.message}. It needs glibc, which Alpine does not have. ` +
      'Where that is not it, remove node_modules and start again.',
  );
process.exit(code);

/** Installs when the lockfile or a manifest differs from the one last installed; the stamp is written last. */
async function install() {
  const wanted = fingerprint();
  if (existsSync(node) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  process.stdout.write('Installing Node 24 and the dependencies …\n');
  const command = [
    'exec',
    '--yes',
    `--package=pnpm@${pnpmVersion}`,
    '--',
    'pnpm',
    'install',
    '--frozen-lockfile',
  ];
  const { code, error, signalled, output } = await run('npm', command, { stdio: ['ignore', 'pipe', 'pipe'] });
  if (error) fail(`npm cannot be run: ${error.message}. Install Node with npm and start again.`);
  if (signalled) process.exit(code);
  if (code !== 0) {
    process.stderr.write(output);
    fail(`Installing failed. Look at the lines above, then try: npm ${command.join(' ')}`);
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

function fingerprint() {
  const hash = createHash('sha256');
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json']) {
    hash.update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}

function taskArguments([file, ...fixed], args) {
  return [join(root, file), ...fixed, ...args];
}

/**
 * Runs a program to its end and hands it each signal that comes here. Ctrl-C in a terminal reaches it on its own as
 * well; the tasks with something to stop take a signal that comes again for the same one.
 */
function run(program, args, options) {
  const child = spawn(program, args, { cwd: root, ...options });
  const output = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text) => output.push(text));
  let signalled = false;
  const forward = (signal) => {
    signalled = true;
    child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);
  return new Promise((resolve) => {
    const end = (result) => {
      for (const signal of signals) process.off(signal, forward);
      resolve({ ...result, signalled, output: output.join('') });
    };
    child.once('error', (error) => end({ code: 1, error }));
    child.once('close', (code, signal) => end({ code: code ?? 128 + constants.signals[signal] }));
  });
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
