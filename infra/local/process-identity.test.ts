import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { endOrphans, identityOf, isAlive, noteProcess } from './process-identity.ts';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'processes-'))));
afterEach(() => rmSync(folder, { recursive: true }));

test('an orphan with the noted start time is ended', async () => {
  const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  const exited = once(child, 'exit');
  noteProcess(folder, 'kafka', child.pid ?? 0);
  expect(endOrphans(folder)).toEqual(['kafka']);
  expect((await exited)[1]).toBe('SIGKILL');
  expect(existsSync(join(folder, 'kafka.pid'))).toBe(false);
});

test('another process that got the same id is left alone', () => {
  const own = identityOf(process.pid);
  expect(own && isAlive(own)).toBe(true);
  writeFileSync(join(folder, 'redis.pid'), JSON.stringify({ pid: process.pid, startedAt: '1' }));
  expect(endOrphans(folder)).toEqual([]);
});

test('an unfinished note is cleared away', () => {
  writeFileSync(join(folder, 'redis.pid'), '{"pid":');
  expect(endOrphans(folder)).toEqual([]);
  expect(existsSync(join(folder, 'redis.pid'))).toBe(false);
});
