import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { endNoted, identityOf, isAlive, noteProcess } from './process-identity.ts';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'processes-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function sleeping(name: string, at = folder): { pid: number; end: () => void } {
  const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  noteProcess(at, name, child.pid ?? 0);
  return { pid: child.pid ?? 0, end: () => void child.kill('SIGKILL') };
}

test('a noted process is killed and gone when the call returns', async () => {
  const { pid } = sleeping('kafka');
  expect(await endNoted(folder)).toEqual(['kafka']);
  expect(identityOf(pid)).toBeUndefined();
  expect(existsSync(join(folder, 'kafka.pid'))).toBe(false);
});

test('a process that is noted further down goes as well', async () => {
  const { pid } = sleeping('redis', join(folder, 'clone/run'));
  expect(await endNoted(folder, { except: ['redis'] })).toEqual(['clone/run/redis']);
  expect(identityOf(pid)).toBeUndefined();
});

test('a process that is named as an exception is left alone and stays noted', async () => {
  const { pid, end } = sleeping('kafka');
  expect(await endNoted(folder, { except: ['kafka'] })).toEqual([]);
  expect(identityOf(pid)).toBeDefined();
  expect(existsSync(join(folder, 'kafka.pid'))).toBe(true);
  end();
});

test('another process that got the same id is left alone', async () => {
  const own = identityOf(process.pid);
  expect(own && isAlive(own)).toBe(true);
  writeFileSync(join(folder, 'redis.pid'), JSON.stringify({ pid: process.pid, startedAt: '1' }));
  expect(await endNoted(folder)).toEqual([]);
});

test('an unfinished note is cleared away', async () => {
  writeFileSync(join(folder, 'redis.pid'), '{"pid":');
  expect(await endNoted(folder)).toEqual([]);
  expect(existsSync(join(folder, 'redis.pid'))).toBe(false);
});
