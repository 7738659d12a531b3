import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startChild, type Child } from '../local/processes/child-process.ts';
import { restartOnChange, type RestartedOnChange } from './restart-on-change.ts';

let folder = '';
let lines: string[] = [];
let started: Child[] = [];
let restarted: RestartedOnChange | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dev-'));
  lines = [];
  started = [];
});
afterEach(async () => {
  await restarted?.stop(1_000);
  rmSync(folder, { recursive: true });
});

const slow = { timeout: 10_000 };

function startSleeping(): Child {
  const child = startChild({ name: 'a service', command: 'sleep', args: ['60'] });
  started.push(child);
  return child;
}

function watched(relaunch: () => Promise<Child> = () => Promise.resolve(startSleeping())): void {
  restarted = restartOnChange({ child: startSleeping(), relaunch }, [folder], {
    log: (line) => lines.push(line),
  });
}

test('a change stops the process and starts it again', async () => {
  watched();
  writeFileSync(join(folder, 'rules.json'), '{}');
  await expect.poll(() => lines.at(-1), slow).toMatch(/^a service is back after/);
  expect(lines[0]).toBe('rules.json changed: restarting a service …');
  expect(started.map((child) => child.exitReason())).toEqual(['ended with SIGTERM', undefined]);
});

test('changes of tests and of installed packages restart nothing', async () => {
  mkdirSync(join(folder, 'node_modules'));
  watched();
  writeFileSync(join(folder, 'node_modules/index.js'), '');
  writeFileSync(join(folder, 'rules.test.ts'), '');
  writeFileSync(join(folder, 'rules.ts'), '');
  await expect.poll(() => lines.length, slow).toBe(2);
  expect(lines[0]).toContain('rules.ts changed');
});

test('a process that does not start is started again on the next change', async () => {
  let attempts = 0;
  watched(() => {
    attempts += 1;
    return attempts === 1
      ? Promise.reject(new Error('a service did not start (ended with 1).'))
      : Promise.resolve(startSleeping());
  });
  writeFileSync(join(folder, 'rules.ts'), 'broken');
  await expect.poll(() => lines.at(-1), slow).toMatch(/did not start.*\nThe next change starts a service/);
  writeFileSync(join(folder, 'rules.ts'), 'mended');
  await expect.poll(() => lines.at(-1), slow).toMatch(/^a service is back after/);
});

test('a process that ends by itself is reported and started again on the next change', async () => {
  watched();
  started[0]?.process.kill('SIGKILL');
  await expect
    .poll(() => lines, slow)
    .toEqual(['a service ended with SIGKILL; the next change starts it again.']);
  writeFileSync(join(folder, 'rules.ts'), '');
  await expect.poll(() => lines.at(-1), slow).toMatch(/^a service is back after/);
});

test('a stop ends the process and the watching', async () => {
  watched();
  await restarted?.stop(1_000);
  expect(started[0]?.exitReason()).toBe('ended with SIGTERM');
  expect(lines).toEqual([]);
});
