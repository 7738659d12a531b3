import { expect, test } from 'vitest';
import { loadProgrammes } from '../../adapters/programme-files.ts';
import { changedVersions, hashOf } from './programme-hash.ts';
import type { ProgrammeDefinition } from './programme.ts';

const programmes = loadProgrammes('services/programmes/files');
const [definition] = programmes.all;
const reordered = Object.fromEntries(Object.entries(definition!).reverse()) as ProgrammeDefinition;

test('a hash depends on everything but the order of fields and the end of the version', () => {
  expect(hashOf(reordered)).toBe(hashOf(definition!));
  expect(hashOf({ ...definition!, effectiveTo: '2040-01-01' })).toBe(hashOf(definition!));
  const hashes = programmes.all.map((each) => hashOf(each));
  expect(new Set(hashes).size).toBe(hashes.length);
  const renamed = { ...definition!, name: { ...definition!.name, en: `${definition!.name['en']}.` } };
  expect(hashOf(renamed)).not.toBe(hashOf(definition!));
});

test('a used version that was changed or removed is found, and an unused one may change', () => {
  const { id: programmeId, version } = definition!;
  const used = [{ programmeId, version, hash: hashOf(definition!), since: '2026-01-01' }];
  expect(changedVersions(used, (id, number) => programmes.version(id, number))).toEqual([]);
  const changed = { ...definition!, roles: [] };
  expect(changedVersions(used, () => changed)).toEqual(used);
  expect(changedVersions(used, () => undefined)).toEqual(used);
  expect(changedVersions([], () => changed)).toEqual([]);
});
