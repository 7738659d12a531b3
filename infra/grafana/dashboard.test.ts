import { readFileSync } from 'node:fs';
import { declaredMetrics } from '@aeo/platform/declared-metrics';
import { expect, test } from 'vitest';
import { panelsOf } from './panels.ts';

const panels = panelsOf('infra/grafana/dashboards/clearance.json');

/** As the exporter writes them: dots become underscores, and each kind has endings of its own. */
const series = new Map<string, readonly string[]>([['up', []]]);
for (const [name, { kind, attributes }] of Object.entries(declaredMetrics)) {
  const endings = { histogram: ['_bucket', '_sum', '_count'], counter: ['_total'], gauge: [''] }[kind];
  const labels = attributes.map((each) => each.replaceAll('.', '_'));
  for (const ending of endings) series.set(name.replaceAll('.', '_') + ending, labels);
}
const labelsOfEverything = ['le', 'job', 'instance', 'administration'];

test.each(panels)('“$title” queries declared metrics only', ({ query }) => {
  const names = query.match(/\b[a-z_]+(?=[{[])/g) ?? [];
  expect(names).toHaveLength(1);
  const labels = series.get(names[0] ?? '');
  expect(labels, `${names[0]} is not declared`).toBeDefined();
  const used = [...query.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list]) => (list ?? '').split(', '));
  for (const label of used) expect([...labelsOfEverything, ...(labels ?? [])]).toContain(label);
});

test('every panel has a description and filters by administration', () => {
  expect(panels.length).toBeGreaterThan(15);
  expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
  for (const { query } of panels) expect(query).toContain('administration="$administration"');
});

test('Grafana finds Prometheus under the name the panels use', () => {
  const sources = readFileSync('infra/grafana/provisioning/datasources/datasources.yml', 'utf8');
  for (const { source } of panels) expect(sources).toContain(`uid: ${source}`);
});
