import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { propertyLimitMs, propertyRuns } from '../../../../tests/setup/property-runs.ts';
import { decideCase } from '../domain/deciding/decide-case.ts';
import { effortOf, questionsFor } from '../domain/questions/questions.ts';
import type { ProgrammeDefinition } from '../domain/definition/programme.ts';
import { evaluate, readProgrammeFile } from './programme-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'broken-'));
afterAll(() => rmSync(folder, { recursive: true }));

const programmes = 'services/programmes/files';
const files = readdirSync(programmes).filter((file) => file.endsWith('.json'));
const texts = new Map(files.map((file) => [file, readFileSync(join(programmes, file), 'utf8')]));

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Place = { holder: Record<string, Json>; key: string };

/** Every place of a value, lists and objects alike. */
function placesIn(value: Json): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, Json>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...placesIn(holder[key]!)]);
}

const oddities: Json[] = [
  null,
  true,
  0,
  -1,
  1e300,
  '',
  'unknown',
  'facts.nothing',
  'facts.',
  '1 +',
  '__proto__',
  '9999-99-99',
  [],
  {},
  [null],
  ['a', 'a'],
  { en: '' },
];
const change = fc.record({
  at: fc.nat(),
  kind: fc.constantFrom('leave out', 'put', 'swap', 'double'),
  odd: fc.constantFrom(...oddities),
  other: fc.nat(),
});
type Change = typeof change extends fc.Arbitrary<infer Of> ? Of : never;

function changed(text: string, changes: readonly Change[]): Json {
  const value = JSON.parse(text) as Json;
  for (const { at, kind, odd, other } of changes) {
    const places = placesIn(value);
    const { holder, key } = places[at % places.length]!;
    const from = places[other % places.length]!;
    if (kind === 'put') holder[key] = odd;
    else if (kind === 'swap') holder[key] = structuredClone(from.holder[from.key]!);
    else if (kind === 'double' && Array.isArray(holder)) holder.push(structuredClone(holder[key] as never));
    else if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else Reflect.deleteProperty(holder, key);
  }
  return value;
}

/** What may be found of a firm, facts of the wrong kind included: a case is checked elsewhere. */
function used(definition: ProgrammeDefinition): void {
  const [asOf, roles] = ['2026-06-30', definition.roles.map(({ id }) => id)];
  const nothing = { appliedFor: [], designatedFor: [], holds: [], evidence: [], group: [] };
  const facts = Object.fromEntries(
    definition.facts.map(({ id, type }) => [id, type === 'number' ? 1 : true]),
  );
  for (const known of [{}, facts]) {
    const { results } = decideCase(definition, { asOf, roles, facts: known, ...nothing }, evaluate);
    expect(results.map(({ tier }) => tier).toSorted()).toEqual(
      definition.tiers.map(({ id }) => id).toSorted(),
    );
  }
  for (const sizeClass of ['', ...definition.sizeClasses.map(({ id }) => id)]) {
    const list = questionsFor(definition, { sizeClass, roles: [], tiers: [], facts: {}, asOf }, evaluate);
    expect(effortOf(list, definition, sizeClass).questions).toBeGreaterThanOrEqual(0);
  }
}

test(
  'every problem of a file is reported by its path, and a file that passes is usable',
  () => {
    let passed = 0;
    const told = fc.property(
      fc.constantFrom(...files),
      fc.array(change, { minLength: 1, maxLength: 3 }),
      (file, changes) => {
        const path = join(folder, 'broken.json');
        writeFileSync(path, JSON.stringify(changed(texts.get(file)!, changes)));
        const { definition, problems } = readProgrammeFile(path);
        for (const { code, path: at, message } of problems) {
          expect(code).toMatch(/^[A-Z_]+$/);
          expect(message).not.toBe('');
          expect(typeof at).toBe('string');
        }
        if (problems.length > 0) return;
        passed += 1;
        used(definition!);
      },
    );
    fc.assert(told, { numRuns: propertyRuns });
    expect(passed).toBeGreaterThan(0);
  },
  propertyLimitMs,
);
