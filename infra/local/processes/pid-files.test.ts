import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { killRecordedProcesses, identityOf, isAlive, writePidFile } from './pid-files.ts';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'processes-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function sleeping(name: string, at = folder): { pid: number; end: () => void } {
  const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  writePidFile(at, name, child.pid ?? 0);
  return { pid: child.pid ?? 0, end: () => void child.kill('SIGKILL') };
}

test('a recorded process is killed and has ended when the call returns', async () => {
  const { pid } = sleeping('kafka');
  expect(await killRecordedProcesses(folder)).toEqual(['kafka']);
  expect(identityOf(pid)).toBeUndefined();
  expect(existsSync(join(folder, 'kafka.pid'))).toBe(false);
});

test('a process that is recorded in a subfolder is killed as well', async () => {
  const { pid } = sleeping('redis', join(folder, 'clone/run'));
  expect(await killRecordedProcesses(folder, { except: ['redis'] })).toEqual(['clone/run/redis']);
  expect(identityOf(pid)).toBeUndefined();
});

test('a process that is named as an exception keeps running and stays recorded', async () => {
  const { pid, end } = sleeping('kafka');
  expect(await killRecordedProcesses(folder, { except: ['kafka'] })).toEqual([]);
  expect(identityOf(pid)).toBeDefined();
  expect(existsSync(join(folder, 'kafka.pid'))).toBe(true);
  end();
});

test('another process with the same id is not killed', async () => {
  const own = identityOf(process.pid);
  expect(own && isAlive(own)).toBe(true);
  writeFileSync(join(folder, 'redis.pid'), JSON.stringify({ pid: process.pid, startedAt: '1' }));
  expect(await killRecordedProcesses(folder)).toEqual([]);
});

test('an unfinished pid file is removed', async () => {
  writeFileSync(join(folder, 'redis.pid'), '{"pid":');
  expect(await killRecordedProcesses(folder)).toEqual([]);
  expect(existsSync(join(folder, 'redis.pid'))).toBe(false);
});
