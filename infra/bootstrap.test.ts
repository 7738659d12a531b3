import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const bootstrap = fileURLToPath(new URL('bootstrap.mjs', import.meta.url));
const manifests = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json'];

/** A task that tells each signal and ends a while after the first, like one that stops its children. */
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
  for (const folder of ['infra/local', 'node_modules/.bin', '.local'])
    mkdirSync(join(root, folder), { recursive: true });
  copyFileSync(bootstrap, join(root, 'infra/bootstrap.mjs'));
  writeFileSync(join(root, 'infra/local/start.ts'), task);
  const hash = createHash('sha256');
  for (const file of manifests) {
    writeFileSync(join(root, file), '{}');
    hash.update('{}');
  }
  writeFileSync(join(root, '.local/installed'), hash.digest('hex'));
});
afterEach(() => rmSync(root, { recursive: true }));

const node = () => join(root, 'node_modules/.bin/node');

async function start(): Promise<{ pid: number; ended: Promise<number | null>; output: () => string }> {
  const child = spawn(process.execPath, [join(root, 'infra/bootstrap.mjs'), 'start']);
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

test('a Node that cannot be run is told in a sentence', async () => {
  writeFileSync(node(), 'not a program', { mode: 0o644 });
  const { ended, output } = await start();
  expect(await ended).toBe(1);
  expect(output()).toMatch(/^The installed Node 24 cannot be run: spawn .* EACCES\. It needs glibc/);
});
