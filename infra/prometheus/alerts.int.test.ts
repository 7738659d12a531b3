import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { declaredMetrics } from '@aeo/platform/declared-metrics';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../tests/setup/stack/database.ts';
import { promtool } from './promtool.ts';

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const filesOf = (path: string) => readdirSync(folder(path)).map((name) => join(folder(path), name));
const rules = filesOf('rules').map((file) => readFileSync(file, 'utf8'));
const all = (text: RegExp) => rules.flatMap((rule) => [...rule.matchAll(text)].map((found) => found[1]!));
const alerts = all(/- alert: (\w+)/g);
const runbooks = readdirSync(folder('../runbooks')).map((name) => name.replace(/\.md$/, ''));
const runbookOf = (alert: string) => alert.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
const read = (runbook: string) => readFileSync(join(folder('../runbooks'), `${runbook}.md`), 'utf8');

describe('each alert', () => {
  let program: string;
  beforeAll(async () => {
    program = await promtool(folder('../../.local'), new AbortController().signal);
  }, 120_000);
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    return { status, said: `${stdout}${stderr}` };
  };

  test('is a rule that Prometheus can read', () => {
    expect(run('check', 'rules', ...filesOf('rules'))).toMatchObject({ status: 0 });
  });

  test('fires and clears in its test, and every alert has one', () => {
    const outcome = run('test', 'rules', ...filesOf('tests'));
    expect(outcome.said).toContain('SUCCESS');
    expect(outcome.status).toBe(0);
    const tests = filesOf('tests').map((file) => readFileSync(file, 'utf8'));
    for (const alert of alerts) {
      const fires = new RegExp(`alertname: ${alert}\\n\\s+exp_alerts:\\n\\s+- exp_labels`);
      const clears = new RegExp(`exp_alerts[^]*?- \\{ eval_time: \\w+, alertname: ${alert} \\}`);
      expect(
        tests.some((text) => fires.test(text) && clears.test(text)),
        alert,
      ).toBe(true);
    }
  });

  test('has an owner, a severity and its runbook, and each runbook an alert', () => {
    expect(runbooks.toSorted()).toEqual(alerts.map(runbookOf).toSorted());
    expect(all(/runbook_url: infra\/runbooks\/(\S+)\.md/g)).toEqual(alerts.map(runbookOf));
    expect(all(/severity: (page|ticket)\n/g)).toHaveLength(alerts.length);
    expect(all(/owner: (platform|clearance|exchange)\n/g)).toHaveLength(alerts.length);
  });

  test('uses declared metrics and their attributes', () => {
    const declared = new Map(
      Object.entries(declaredMetrics).map(([name, { kind, attributes }]) => {
        const written = name.replaceAll('.', '_') + (kind === 'counter' ? '_total' : '');
        return [written, attributes.map((attribute) => attribute.replaceAll('.', '_'))];
      }),
    );
    const scraped = ['job', 'instance'];
    const expressions = all(/expr: (.*)/g);
    expect(expressions).toHaveLength(alerts.length);
    for (const expression of expressions) {
      const named = [...expression.matchAll(/\b[a-z]+_[a-z_]+\b/g)]
        .map(([name]) => name)
        .map((name) => (declared.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '')));
      expect(named.length, expression).toBeGreaterThan(0);
      for (const name of named) expect([...declared.keys()]).toContain(name);
      const attributes = [...scraped, ...named.flatMap((name) => declared.get(name) ?? [])];
      for (const [, list] of expression.matchAll(/by \(([^)]*)\)/g))
        for (const label of list!.split(', ')) expect(attributes).toContain(label);
    }
  });
});

describe('each runbook', () => {
  const databases = new Map<string, TestDatabase>();
  beforeAll(async () => {
    for (const service of ['clearance-priority', 'mutual-recognition'])
      databases.set(
        service,
        await createTestDatabase(inject('stack').postgresUrl, folder(`../../services/${service}/migrations`)),
      );
  });
  afterAll(async () => {
    for (const own of databases.values()) await own.drop();
  });

  test.each(runbooks)('%s has symptom, metric, action and verification on one page', (runbook) => {
    const headings = [...read(runbook).matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(['Symptom', 'Metric', 'Action', 'Verification']);
    expect(read(runbook).split('\n').length).toBeLessThan(70);
  });

  test.each(runbooks)('%s has queries that the databases can execute', async (runbook) => {
    const text = read(runbook);
    for (const { index, 1: statement } of text.matchAll(/```sql\n([^]*?)```/g)) {
      const named = [...text.slice(0, index).matchAll(/database of (the service|[a-z]+-[a-z]+)/g)].at(
        -1,
      )?.[1];
      const database = databases.get(named ?? '') ?? databases.get('clearance-priority');
      await expect(database!.database.query(statement!.trim()), statement).resolves.toBeDefined();
    }
  });
});
