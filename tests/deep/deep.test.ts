import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fingerprintOf, type Tree } from './fingerprint.ts';
import { readOptions } from './options.ts';
import { openResults, type Result } from './results.ts';

const job = { name: 'faults/one', seed: 1, inputs: ['services/', 'package.json'] };

function treeOf(contents: Record<string, string>): Tree {
  const files = Object.keys(contents).sort();
  return { root: '', files, contentHash: (file) => contents[file] ?? '' };
}

test('a result stays valid until one of its inputs changes', () => {
  const contents = {
    'services/a.ts': '1',
    'services/README.md': '1',
    'tests/b.ts': '1',
    'package.json': '1',
  };
  const before = fingerprintOf(treeOf(contents), job);
  const after = (changes: Record<string, string>) => fingerprintOf(treeOf({ ...contents, ...changes }), job);
  expect([after({ 'tests/b.ts': '2' }), after({ 'services/README.md': '2' })]).toEqual([before, before]);
  const changed = [
    after({ 'services/a.ts': '2' }),
    after({ 'services/c.ts': '' }),
    after({ 'package.json': '2' }),
  ];
  expect(changed).not.toContain(before);
  expect(fingerprintOf(treeOf(contents), { ...job, seed: 2 })).not.toBe(before);
});

test('a job that passed for the same code is done, and a truncated line is ignored', () => {
  const root = mkdtempSync(join(tmpdir(), 'results-'));
  mkdirSync(join(root, 'tests/deep'), { recursive: true });
  const about = { at: '2026-01-01T00:00:00Z', commit: 'c', seconds: 1, fingerprint: 'f1', said: '' };
  const result = (name: string, changes: Partial<Result> = {}): Result => ({
    ...about,
    job: name,
    result: 'passed' as const,
    ...changes,
  });
  const results = openResults(root);
  results.add(result('one'));
  results.add(result('two', { result: 'failed' }));
  const file = join(root, 'tests/deep/results.jsonl');
  writeFileSync(file, `${readFileSync(file, 'utf8')}{"at":"2026`);
  const again = openResults(root);
  expect([again.isDone('one', 'f1'), again.isDone('one', 'f2'), again.isDone('two', 'f1')]).toEqual([
    true,
    false,
    false,
  ]);
  again.add(result('two'));
  expect(openResults(root).isDone('two', 'f1')).toBe(true);
  rmSync(root, { recursive: true });
});

test('options are parsed, and an invalid option is named in the error', () => {
  expect(readOptions(['--only', 'mutation/', '--only', 'seed-1', '--seeds', '3', '--list'])).toEqual({
    only: ['mutation/', 'seed-1'],
    seeds: 3,
    again: false,
    action: 'list',
    revision: '',
  });
  expect(readOptions(['--carry-mutants', 'HEAD~1'])).toMatchObject({ action: 'carry', revision: 'HEAD~1' });
  expect(() => readOptions(['--seeds', 'many'])).toThrow('--seeds takes a number from 1 to 1000, not "many"');
  expect(() => readOptions(['--colour'])).toThrow('--colour');
});
