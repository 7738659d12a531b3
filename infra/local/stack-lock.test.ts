import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { acquireLock } from './stack-lock.ts';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'lock-'))));
afterEach(() => rmSync(folder, { recursive: true }));

test('a second holder is refused until the first releases the lock', () => {
  const path = join(folder, 'stack.lock');
  const first = acquireLock(path);
  expect(() => acquireLock(path)).toThrow(`process ${process.pid}`);
  first.release();
  acquireLock(path).release();
});

test('the lock of a killed start has no effect', () => {
  const path = join(folder, 'stack.lock');
  writeFileSync(path, JSON.stringify({ pid: process.pid, startedAt: '1' }));
  acquireLock(path).release();
});
