// Runs on the machine's own Node (20 or newer) before anything is installed, so it may use nothing but Node itself.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants as access,
  existsSync,
  mkdirSync,
  readFileSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { constants, homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const node = join(root, 'node_modules', '.bin', 'node');
const stamp = join(root, '.local', 'installed');
const pnpmVersion = '12.21.0';

const tasks = {
  start: ['infra/tasks/start.ts'],
  test: ['infra/tasks/test.ts', '--project', 'unit', '--project', 'integration', '--project', 'system'],
  'test:deep': ['tests/deep/main.ts'],
  'test:unit': ['infra/tasks/test.ts', '--project', 'unit'],
  'test:int': ['infra/tasks/test.ts', '--project', 'integration'],
  'test:system': ['infra/tasks/test.ts', '--project', 'system'],
  dev: ['infra/tasks/dev.ts'],
  bench: ['tests/bench/bench.ts'],
  check: ['infra/tasks/check.ts'],
  gen: ['infra/tasks/gen.ts'],
  aeoctl: ['infra/aeoctl/main.ts'],
};

const [task = '', ...rest] = process.argv.slice(2);
if (!Object.hasOwn(tasks, task)) {
  process.stderr.write(`Unknown task "${task}". Tasks: ${Object.keys(tasks).join(', ')}\n`);
  process.exit(2);
}
const nodeMajor = Number(process.versions.node.split('.')[0]);
if (nodeMajor < 20)
  fail(
    `Node 20 or newer is needed to begin; this is ${process.version}. ` +
      'Take Node 24 for this one start: npx --yes --package=node@24 -- npm start',
  );
const machine = `${process.platform} ${process.arch}`;
if (machine !== 'linux x64')
  fail(
    `This runs on Linux x64 and nothing else: the programs it installs are built for it. This is ${machine}.`,
  );
requireWritable();
await install();
const { code, error } = await run(node, taskArguments(tasks[task], rest), {
  stdio: 'inherit',
  env: { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}:${process.env.PATH ?? ''}` },
});
if (error)
  fail(
    `The installed Node 24 cannot be run: ${error.message}. It needs glibc, which Alpine does not have. ` +
      'Where that is not it, install it again: rm -rf node_modules && npm start',
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
    // A cached package needs no answer from the registry.
    '--prefer-offline',
    `--package=pnpm@${pnpmVersion}`,
    '--',
    'pnpm',
    'install',
    '--frozen-lockfile',
    // Three tries in three seconds for each of some hundred packages; by itself it waits a minute for each, silently.
    '--config.fetch-retry-mintimeout=1000',
    '--config.fetch-retry-maxtimeout=2000',
  ];
  const { code, error, signalled, output } = await run('npm', command, { stdio: ['ignore', 'pipe', 'pipe'] });
  if (error)
    fail(`npm cannot be run: ${error.message}. Install it as root: apt-get update && apt-get install -y npm`);
  if (signalled) process.exit(code);
  if (code !== 0) {
    process.stderr.write(output);
    fail(whyNotInstalled(output, command));
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

/** What the output of npm and pnpm means, and the command that mends it. */
function whyNotInstalled(output, command) {
  const full = [root, homedir(), tmpdir()].find((folder) => isFull(folder));
  if (full !== undefined || /ENOSPC|no space left/i.test(output))
    return (
      `Installing failed: the disk that holds ${full ?? root} is full. ` +
      `Make room for 2 GB and start again. What takes the room: du -xh ${full ?? root} | sort -h | tail`
    );
  if (
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|META_FETCH_FAIL|NETWORK_ERROR|error sending request/.test(
      output,
    )
  )
    return (
      'Installing failed: the npm registry does not answer. Once this works, start again: npm ping. ' +
      'Behind a proxy: npm config set proxy http://HOST:PORT https-proxy http://HOST:PORT. ' +
      'With a mirror: npm config set registry https://HOST/'
    );
  return (
    'Installing failed; the lines above say why. Begin with nothing installed: rm -rf node_modules && npm start. ' +
    `By hand: npm ${command.join(' ')}`
  );
}

/** Less than the smallest part of an installation is left. */
function isFull(folder) {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize < 32 * 1024 ** 2;
}

/** Everything is written into the clone. */
function requireWritable() {
  const places = [
    root,
    ...['node_modules', '.local'].map((name) => join(root, name)).filter((path) => existsSync(path)),
  ];
  for (const place of places) {
    try {
      accessSync(place, access.W_OK);
    } catch (error) {
      fail(
        // Installed and created files may be private to their owner, and are created again.
        `${place} cannot be written (${error.code}). Start in a copy that is yours: mkdir ~/aeo-clearance && ` +
          `tar -C ${root} --exclude=.local --exclude=node_modules -c . | tar -C ~/aeo-clearance -x && ` +
          `cd ~/aeo-clearance && npm start`,
      );
    }
  }
}

function fingerprint() {
  const hash = createHash('sha256');
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json']) {
    hash.update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}

function taskArguments([file, ...fixed], args) {
  return [join(root, 'infra', 'load-task.mjs'), join(root, file), ...fixed, ...args];
}

/**
 * Runs a program to its end and forwards each signal to it. Ctrl-C in a terminal reaches it directly as well; tasks
 * ignore the repeated signal.
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
