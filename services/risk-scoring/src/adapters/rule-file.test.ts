import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { loadRuleSet } from './rule-file.ts';

const rules = fileURLToPath(new URL('../../rules', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'rules-'));
afterAll(() => rmSync(folder, { recursive: true }));

type File = { rules: Record<string, unknown>[] };

function broken(change: (file: File) => void): () => unknown {
  const file = JSON.parse(readFileSync(join(rules, 'demonstration.json'), 'utf8')) as File;
  change(file);
  writeFileSync(join(folder, 'broken.json'), JSON.stringify(file));
  return () => loadRuleSet(folder, 'broken');
}

test('the demonstration has ten rules or more, two of them legal controls, each in four languages', () => {
  const set = loadRuleSet(rules, 'demonstration');
  expect(set.rules.length).toBeGreaterThanOrEqual(10);
  expect(set.rules.filter((rule) => rule.class === 'legal_control').length).toBeGreaterThanOrEqual(2);
  for (const { texts } of set.rules) expect(Object.keys(texts)).toEqual(['en', 'es', 'fr', 'ar']);
});

test('without a name the only set of a folder is loaded, and several are refused', () => {
  expect(loadRuleSet(rules).id).toBe('demonstration');
  for (const name of ['one', 'two']) writeFileSync(join(folder, `${name}.json`), '{}');
  expect(() => loadRuleSet(folder)).toThrow(/RULE_SET must name one of .*one, two/);
});

test.each<[string, (file: File) => void, RegExp]>([
  [
    'an unknown fact',
    (file) => (file.rules[1]!['expression'] = 'facts.colour == 1'),
    /rules\.1\.expression: there is no fact colour/,
  ],
  [
    'an expression that does not parse',
    (file) => (file.rules[0]!['expression'] = 'facts.hs2 =='),
    /rules\.0\.expression/,
  ],
  ['an unknown class', (file) => (file.rules[2]!['class'] = 'hunch'), /rules\.2\.class/],
  ['the same id twice', (file) => (file.rules[3]!['id'] = file.rules[2]!['id']), /is there twice/],
  [
    'a date without its zone',
    (file) => (file.rules[0]!['validFrom'] = '2026-01-01T00:00'),
    /rules\.0\.validFrom/,
  ],
])('%s is named by its path', (_, change, message) => {
  expect(broken(change)).toThrow(message);
});
