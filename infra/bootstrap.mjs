// Runs on the machine's own Node (20 or newer) before anything is installed, so it may use nothing but Node itself.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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
install();
runTask(tasks[task], rest);

/** Installs when the lockfile or a manifest differs from the one last installed; the stamp is written last. */
function install() {
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
  const result = spawnSync('npm', command, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (result.error)
    fail(`npm cannot be run: ${result.error.message}. Install Node with npm and start again.`);
  if (result.status !== 0) {
    process.stderr.write(`${result.stdout}${result.stderr}`);
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

function runTask(script, args) {
  const [file, ...fixed] = script;
  const path = `${join(root, 'node_modules', '.bin')}:${process.env.PATH ?? ''}`;
  const child = spawn(node, [join(root, file), ...fixed, ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: path },
  });
  // Ctrl-C reaches the whole foreground group; this process only waits for the child to end in good order.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
