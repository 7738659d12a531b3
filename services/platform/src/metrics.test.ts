import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { declaredMetrics } from './declared-metrics.ts';
import { largest } from './metrics.ts';

test('of several readings of one gauge the largest is shown', () => {
  const readings = [
    { value: 3, attributes: { topic: 'a', partition: 0 } },
    { value: 7, attributes: { partition: 0, topic: 'a' } },
    { value: 1, attributes: { topic: 'a', partition: 1 } },
  ];
  expect(largest(readings).map(({ value }) => value)).toEqual([7, 1]);
});

test('the table of metrics in the README lists the declared metrics', () => {
  const written = (name: string) => name.replaceAll('.', '_');
  const rows = Object.entries(declaredMetrics).map(([name, { kind, attributes }]) => {
    const shown = attributes.map((attribute) => `\`${written(attribute)}\``).join(', ');
    return `| \`${written(name)}${kind === 'counter' ? '_total' : ''}\` | ${kind} | ${shown === '' ? '' : `${shown} `}|`;
  });
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const table = readme.split('\n').filter((line) => line.startsWith('| `'));
  expect(table).toEqual(rows);
});
