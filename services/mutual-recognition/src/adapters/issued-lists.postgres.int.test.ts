import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/setup/stack/database.ts';
import { arrangementOf } from '../../../../tests/setup/partner-list.ts';
import { issueNextList } from '../application/issuing/issue-list.ts';
import { withArrangementIn } from './arrangement-transaction.postgres.ts';
import { postgresIssuedLists } from './issued-lists.postgres.ts';

let own: TestDatabase;
const migrations = fileURLToPath(new URL('../../migrations', import.meta.url));
beforeAll(async () => {
  own = await createTestDatabase(inject('stack').postgresUrl, migrations);
  await own.database.query("INSERT INTO arrangement (arrangement_id) VALUES ('a1')");
});
afterAll(() => own.drop());

const arrangement = arrangementOf();

test('every header is kept and the rows of the newest ten lists; a list is acknowledged once, if it exists', async () => {
  const lists = postgresIssuedLists(own.database, 'a1');
  const issueOnDay = (day: number) =>
    issueNextList({
      arrangement,
      withArrangement: withArrangementIn(own.database, () => Promise.resolve()),
      ownOperators: () => Promise.resolve([]),
      signer: { sign: () => Promise.resolve('signature'), keys: () => Promise.resolve({ keys: [] }) },
      now: () => new Date(Date.UTC(2026, 0, day)),
    });
  // Each list is issued after half of the validity of the one before.
  for (let count = 0; count < 12; count += 1) await issueOnDay(1 + count * 16);
  expect(await issueOnDay(1 + 11 * 16)).toMatchObject({ sequence: 12 });
  expect(await lists.headers(undefined, 200)).toHaveLength(12);
  expect(await lists.find(2)).toBeUndefined();
  expect(await lists.find(3)).toMatchObject({ header: { sequence: 3 }, rows: [] });
  expect(await lists.acknowledge(2, 'there', 'accepted')).toBe(true);
  expect(await lists.acknowledge(2, 'there', 'again')).toBe(true);
  expect(await lists.acknowledge(13, 'there', 'accepted')).toBe(false);
  const { rows } = await own.database.query('SELECT sequence, outcome FROM acknowledgement');
  expect(rows).toEqual([{ sequence: 2n, outcome: 'accepted' }]);
});
