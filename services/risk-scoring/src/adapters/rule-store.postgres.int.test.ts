import { fileURLToPath } from 'node:url';
import { riskTables } from '@aeo/proto';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/setup/stack/database.ts';
import { publishRuleSet } from '../application/rules/publish-rule-set.ts';
import type { RiskRule, RuleSet } from '../domain/rules/rule-set.ts';
import { postgresRuleStore } from './rule-store.postgres.ts';

const migrations = fileURLToPath(new URL('../../migrations', import.meta.url));
let own: TestDatabase;
let published: [id: string, setVersion: number, withdrawn: boolean][];

beforeEach(async () => {
  own = await createTestDatabase(inject('stack').postgresUrl, migrations);
  published = [];
});
afterEach(() => own.drop());

const publish = (set: RuleSet) => {
  const store = postgresRuleStore(own.database, (_, events) => {
    for (const { value } of events) {
      const { ruleId, setVersion, withdrawn } = riskTables.MandatoryRule.decode(value);
      published.push([ruleId, setVersion, withdrawn]);
    }
    return Promise.resolve();
  });
  return publishRuleSet(store, set);
};

const setOf = (id: string, version: number, ...rules: string[]): RuleSet => ({
  id,
  version,
  rules: rules.map((rule): RiskRule => ({
    id: rule,
    version: 1,
    class: 'legal_control',
    purpose: 'other_legal',
    expression: 'true',
    texts: { en: rule },
  })),
});

test('a set that replaces another withdraws the rules it does not have', async () => {
  await publish(setOf('old', 3, 'kept', 'gone'));
  await publish(setOf('new', 4, 'kept', 'added'));
  expect(published).toEqual([
    ['kept', 3, false],
    ['gone', 3, false],
    ['kept', 4, false],
    ['added', 4, false],
    ['gone', 4, true],
  ]);
});

test('a set cannot replace one of the same or a higher version, as nodes would keep their rules', async () => {
  await publish(setOf('old', 3, 'kept'));
  published = [];
  for (const version of [1, 3])
    await expect(publish(setOf('new', version, 'kept'))).rejects.toMatchObject({
      code: 'conflict',
      reason: 'VERSION_CONFLICT',
    });
  expect(published).toEqual([]);
});

test('a set is published once, and is refused after another has followed', async () => {
  await publish(setOf('old', 1, 'kept'));
  await publish(setOf('old', 1, 'kept'));
  expect(published).toHaveLength(1);
  await publish(setOf('new', 2, 'kept'));
  await expect(publish(setOf('old', 1, 'kept'))).rejects.toMatchObject({ reason: 'VERSION_CONFLICT' });
});
