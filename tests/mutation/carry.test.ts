import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { carryPatches } from './carry.ts';
import { applyPatch } from './copy.ts';

const patch = 'tests/mutation/patches/lock.patch';
const source = ['one', 'two', 'three', 'takeLock();', 'five', 'six', 'seven', ''].join('\n');
const removal = `--- a/relay.ts
+++ b/relay.ts
@@ -1,7 +1,6 @@
 one
 two
 three
-takeLock();
 five
 six
 seven
`;
let root: string;

function git(...args: string[]): void {
  const { status, stderr } = spawnSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'carry-test-'));
  write('relay.ts', source);
  write(patch, removal);
  git('init', '-q');
  git('add', '.');
  git('commit', '-qm', 'before');
});
afterEach(() => rmSync(root, { recursive: true }));

test('a patch whose file was moved and changed elsewhere is carried over', () => {
  mkdirSync(join(root, 'outbox'));
  git('mv', 'relay.ts', 'outbox/relay.ts');
  write('outbox/relay.ts', source.replace('one', 'another').replace('seven', 'eight'));
  expect(applyPatch(root, join(root, patch), 'check')).toBeDefined();
  expect(carryPatches(root, 'HEAD')).toEqual({ carried: [patch], failed: [] });
  expect(applyPatch(root, join(root, patch), 'apply')).toBeUndefined();
  expect(readFileSync(join(root, 'outbox/relay.ts'), 'utf8')).toBe('another\ntwo\nthree\nfive\nsix\neight\n');
});

test('a patch whose place was changed is listed and left as it is', () => {
  write('relay.ts', source.replace('takeLock();', 'await takeLock();'));
  expect(carryPatches(root, 'HEAD')).toEqual({
    carried: [],
    failed: [{ patch, reason: 'relay.ts was changed at the same place' }],
  });
  expect(readFileSync(join(root, patch), 'utf8')).toBe(removal);
});

test('a patch that still applies is not rewritten', () => {
  expect(carryPatches(root, 'HEAD')).toEqual({ carried: [], failed: [] });
});
