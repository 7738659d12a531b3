import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'aeoctl-'));
afterAll(() => rmSync(folder, { recursive: true }));
const programmes = 'services/programmes/files';

function aeoctl(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['infra/aeoctl/main.ts', ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

test('a usable programme is ok, an unusable one is reported by its path, with exit code 1', () => {
  const broken = file('broken.json', { format: 1 });
  const { status, stdout } = aeoctl('programme', 'check', `${programmes}/in-aeo.json`, broken);
  expect(status).toBe(1);
  expect(stdout).toContain('in-aeo, version 2, in force from 2021-08-01');
  expect(stdout).toMatch(/not ok {3}.*broken\.json: \d+ problems\n {2}id: .*\[SCHEMA\]/);
});

test('a case is decided with its reasons', () => {
  const facts = { declarations: 9, findingsShare: 0.1, declaredSize: 'large' };
  const path = file('facts.json', { asOf: '2026-01-01', roles: ['trader'], facts });
  const refused = aeoctl('programme', 'decide', `${programmes}/demonstration.json`, path);
  expect(refused.status).toBe(1);
  expect(refused.stdout).toContain(
    'NOT MET  some-declarations: At least 10 declarations in the period.  [declarations = 9]',
  );
  const json = aeoctl('programme', 'decide', `${programmes}/demonstration.json`, path, '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({ programme: 'demonstration', tiers: { compliance: null } });
});

test('two files of one version are ok each, but not together', () => {
  const path = `${programmes}/in-aeo.json`;
  const { status, stdout } = aeoctl('programme', 'check', path, path, '--json');
  expect(status).toBe(1);
  const reports = JSON.parse(stdout) as { problems?: unknown[]; clash?: string }[];
  expect(reports.flatMap(({ problems }) => problems ?? [])).toEqual([]);
  expect(reports.at(-1)).toEqual({ clash: 'in-aeo: version 2 is there twice' });
});

test('the default tier is no grant, and a version that is not in force is reported', () => {
  const path = file('nobody.json', { asOf: '2020-01-01', roles: ['firm'] });
  const { status, stdout, stderr } = aeoctl(
    'programme',
    'decide',
    `${programmes}/cn-credit.2021-11-01.json`,
    path,
  );
  expect([status, stderr]).toEqual([1, '']);
  expect(stdout).toContain('Credit grade: Regular');
  expect(stdout).toContain('This version is not in force on that day.');
});

test('the questions of a small firm are compared with those of other firms', () => {
  const { stdout } = aeoctl(
    'programme',
    'questions',
    `${programmes}/in-aeo.json`,
    '--tier',
    'T1',
    '--size',
    'msme',
  );
  expect(stdout).toContain('msme: 8 questions, 0 more if they apply, 3 documents at least');
  expect(stdout).toContain(
    'firms of no size class: 11 questions, 2 more if they apply, 8 documents at least',
  );
});

test('measures of the Trade Facilitation Agreement are counted for every programme', () => {
  const { status, stdout } = aeoctl('report', 'tfa77');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^in-aeo 2 +- - c d e - g *$/m);
  expect(stdout).toMatch(/^hk-aeo 1 +- b c - - - - {3}fewer than three are known$/m);
});

test.each([
  [['programme', 'shred'], 'There is no command "programme shred".'],
  [['programme', 'decide', 'one.json'], 'This takes 2 files, not 1.'],
  [['certificate', 'history', 'c', '--as-of', '2026-02-30'], '--as-of takes a day or an instant'],
  [['programme', 'check', 'nowhere.json', '--loud'], "Unknown option '--loud'"],
  [
    ['programme', 'questions', `${programmes}/in-aeo.json`, '--size', 'giant'],
    'The programme has no size class giant; it has msme.',
  ],
  [
    ['programme', 'questions', `${programmes}/in-aeo.json`, '--language', 'fr'],
    'The programme is not written in fr, but in en.',
  ],
])('%j ends with exit code 2 and says why', (args, message) => {
  const { status, stderr } = aeoctl(...args);
  expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test('a case with a fact the programme does not know is refused by its path', () => {
  const path = file('other.json', { asOf: '2026-01-01', roles: ['trader'], facts: { charm: 1 } });
  const { status, stderr } = aeoctl('programme', 'decide', `${programmes}/demonstration.json`, path);
  expect([status, stderr]).toEqual([
    1,
    expect.stringContaining('facts.charm: the programme has no such fact'),
  ]);
});
