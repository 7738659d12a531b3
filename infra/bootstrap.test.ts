import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const bootstrap = fileURLToPath(new URL('bootstrap.mjs', import.meta.url));
const manifests = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json'];

/** A task that prints each signal and ends a while after the first, like one that stops its children. */
const task = `
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => {
    console.log(name);
    setTimeout(() => process.exit(7), 300);
  });
  setInterval(() => undefined, 1000);
  console.log('up');
`;

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bootstrap-'));
  for (const folder of ['infra/tasks', 'node_modules/.bin', '.local'])
    mkdirSync(join(root, folder), { recursive: true });
  for (const name of ['bootstrap.mjs', 'load-task.mjs'])
    copyFileSync(join(dirname(bootstrap), name), join(root, 'infra', name));
  writeFileSync(join(root, 'infra/tasks/start.ts'), task);
  const hash = createHash('sha256');
  for (const file of manifests) {
    writeFileSync(join(root, file), '{}');
    hash.update('{}');
  }
  writeFileSync(join(root, '.local/installed'), hash.digest('hex'));
});
afterEach(() => rmSync(root, { recursive: true }));

const node = () => join(root, 'node_modules/.bin/node');

async function start(
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ pid: number; ended: Promise<number | null>; output: () => string }> {
  const child = spawn(process.execPath, [join(root, 'infra/bootstrap.mjs'), 'start'], { env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => void (output += text));
  }
  const ended = once(child, 'close').then(([code]) => code as number | null);
  await expect.poll(() => output, { timeout: 5_000 }).not.toBe('');
  return { pid: child.pid ?? 0, ended, output: () => output };
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s to the first process alone reaches the task once, and its exit code comes back',
  async (signal) => {
    symlinkSync(process.execPath, node());
    const { pid, ended, output } = await start();
    process.kill(pid, signal);
    expect(await ended).toBe(7);
    expect(output()).toBe(`up\n${signal}\n`);
  },
);

test('a Node that cannot be run is reported in a sentence', async () => {
  writeFileSync(node(), 'not a program', { mode: 0o644 });
  const { ended, output } = await start();
  expect(await ended).toBe(1);
  expect(output()).toMatch(/^The installed Node 24 cannot be run: spawn .* EACCES\. It needs glibc/);
});

/** The next start installs, with this script in the place of npm. */
function npmIs(script: string): NodeJS.ProcessEnv {
  rmSync(join(root, '.local/installed'));
  mkdirSync(join(root, 'bin'));
  if (script !== '') writeFileSync(join(root, 'bin/npm'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { ...process.env, PATH: script === '' ? join(root, 'bin') : `${join(root, 'bin')}:/usr/bin:/bin` };
}

test.each([
  ['ERR_PNPM_META_FETCH_FAIL GET https://x: getaddrinfo EAI_AGAIN', 'the npm registry does not answer.'],
  ['ERR_PNPM_RESOLVING_NPM_RESOLVER_NETWORK_ERROR: dns error', 'the npm registry does not answer.'],
  ['[WARN] GET https://x error (error sending request)', 'the npm registry does not answer.'],
  ['ENOSPC: no space left on device, write', 'is full. Make room for 2 GB and start again.'],
  ['something else', 'Begin with nothing installed: rm -rf node_modules && npm start.'],
])('an installation that ends with "%s" is told with what mends it', async (line, told) => {
  const { ended, output } = await start(npmIs(`echo "${line}"; exit 1`));
  expect(await ended).toBe(1);
  expect(output()).toContain(line);
  expect(output()).toContain(told);
});

test('an installation does not wait for a registry forever', async () => {
  const { ended, output } = await start(npmIs('echo "$@"; exit 1'));
  expect(await ended).toBe(1);
  expect(output()).toMatch(/^exec .*--prefer-offline .*pnpm install .*fetch-retry-maxtimeout=2000$/m);
});

test('the error on a machine without npm names the command that installs it', async () => {
  const { ended, output } = await start(npmIs(''));
  expect(await ended).toBe(1);
  expect(output()).toMatch(/npm cannot be run: spawn npm ENOENT\. .*apt-get install -y npm\n$/);
});

test('a start after a failed installation installs again', async () => {
  const env = npmIs(`echo once more; ln -sf ${process.execPath} ${node()}`);
  const { pid, ended, output } = await start(env);
  await expect.poll(output, { timeout: 5_000 }).toContain('up');
  process.kill(pid, 'SIGTERM');
  expect(await ended).toBe(7);
});

test('a damaged package is reported in a sentence, without a stack trace', async () => {
  symlinkSync(process.execPath, node());
  mkdirSync(join(root, 'node_modules/half'));
  writeFileSync(join(root, 'node_modules/half/index.js'), 'export const whole = {');
  writeFileSync(join(root, 'node_modules/half/package.json'), '{"type":"module","main":"index.js"}');
  for (const [source, reason] of [
    ["import 'gone';", 'gone'],
    ["import 'half';", 'Unexpected end of input'],
  ] as const) {
    writeFileSync(join(root, 'infra/tasks/start.ts'), source);
    const { ended, output } = await start();
    expect(await ended).toBe(1);
    expect(output()).toMatch(
      /^The installed packages are damaged\. Install them again: rm -rf node_modules && npm start\n/,
    );
    expect(output()).toContain(reason);
    expect(output()).not.toMatch(/^\s+at /m);
  }
});

test('a fault of our own is not reported as damage', async () => {
  symlinkSync(process.execPath, node());
  writeFileSync(join(root, 'infra/tasks/start.ts'), "throw new Error('ours');");
  const { ended, output } = await start();
  expect(await ended).toBe(1);
  expect(output()).toMatch(/Error: ours/);
  expect(output()).not.toContain('damaged');
});

test('a clone that may not be written is reported with the command that copies it', () => {
  // Root may write anywhere, and this program may lie where only root can reach it.
  const ours = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const home = mkdtempSync(join(tmpdir(), 'home-'));
  if (ours.uid !== undefined) chownSync(home, ours.uid, ours.gid);
  copyFileSync(process.execPath, join(root, 'own-node'));
  mkdirSync(join(root, '.local/data'), { mode: 0 });
  chmodSync(root, 0o555);
  const args = [join(root, 'infra/bootstrap.mjs'), 'start'];
  const { status, stderr } = spawnSync(join(root, 'own-node'), args, { encoding: 'utf8', ...ours });
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /cannot be written \(EACCES\)\. Start in a copy that is yours: mkdir .* && cd \S+ && npm start\n$/,
  );
  const copy = /yours: (.*) && npm start/.exec(stderr)?.[1] ?? 'exit 1';
  const env = { ...process.env, HOME: home };
  expect(spawnSync('sh', ['-c', copy], { encoding: 'utf8', env, ...ours })).toMatchObject({
    status: 0,
    stderr: '',
  });
  expect(readdirSync(join(home, 'aeo-clearance')).toSorted()).toEqual(
    ['infra', 'own-node', ...manifests].toSorted(),
  );
  chmodSync(root, 0o755);
  chmodSync(join(root, '.local/data'), 0o755);
  rmSync(home, { recursive: true });
});
