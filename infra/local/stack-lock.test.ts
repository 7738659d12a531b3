import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { acquireLock } from './stack-lock.ts';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'lock-'))));
afterEach(() => rmSync(folder, { recursive: true }));

test('a second holder is refused until the first lets go', () => {
  const path = join(folder, 'stack.lock');
  const first = acquireLock(path);
  expect(() => acquireLock(path)).toThrow(`process ${process.pid}`);
  first.release();
  acquireLock(path).release();
});

test('a lock left by a killed start does not hold', () => {
  const path = join(folder, 'stack.lock');
  writeFileSync(path, JSON.stringify({ pid: process.pid, startedAt: '1' }));
  acquireLock(path).release();
});
