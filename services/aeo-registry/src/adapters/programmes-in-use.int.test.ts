import { randomUUID } from 'node:crypto';
import { registryService } from '@aeo/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import {
  commandsFor,
  startTestRegistry,
  type TestRegistry,
} from '../../../../tests/setup/registry/registry.ts';
import { requireUnchangedProgrammes } from './programmes-in-use.postgres.ts';
import { programmesOf } from '@aeo/programmes';
import { loadRules } from './rules-files.ts';

const { all } = loadRules().programmes;
const used = 'demonstration';
let registry: TestRegistry;

beforeAll(async () => {
  registry = await startTestRegistry(inject('stack'));
});
afterAll(() => registry.stop());

const changed = (id: string) =>
  programmesOf(
    all.map((each) => (each.id === id ? { ...each, name: { ...each.name, en: 'Another' } } : each)),
  );
const startingWith = (programmes: ReturnType<typeof programmesOf>) =>
  requireUnchangedProgrammes(registry.database, programmes).then(
    () => 'starts',
    (error: Error) => error.message,
  );

test('a programme version with a submitted application may not change, and an unused one may', async () => {
  expect(await startingWith(changed(used))).toBe('starts');
  const commands = commandsFor(randomUUID(), 30);
  await registry.as('officer').call(registryService.RegistryServiceService.executeBatch, { commands });
  expect(await startingWith(programmesOf(all))).toBe('starts');
  expect(await startingWith(changed('in-aeo'))).toBe('starts');
  expect(await startingWith(changed(used))).toMatch(
    /^programmes\/: version 4 of demonstration \(in use since \d{4}-\d\d-\d\d, SHA-256 [0-9a-f]{16}…\) was changed or taken away/,
  );
  expect(await startingWith(programmesOf(all.filter(({ id }) => id !== used)))).toContain(
    'Restore the programme file',
  );
});
