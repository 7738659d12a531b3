import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/setup/database.ts';
import { digestOf, headerHash, type ListHeader } from '../domain/list/list.ts';
import { postgresIssuedLists } from './issued-lists.postgres.ts';

let own: TestDatabase;
const migrations = fileURLToPath(new URL('../../migrations', import.meta.url));
beforeAll(async () => {
  own = await createTestDatabase(inject('stack').postgresUrl, migrations);
  await own.database.query("INSERT INTO arrangement (arrangement_id) VALUES ('a1')");
});
afterAll(() => own.drop());

const after = (last: ListHeader | undefined): ListHeader => ({
  issuer: 'here',
  arrangement: 'a1',
  sequence: (last?.sequence ?? 0) + 1,
  count: 0,
  previousHash: last ? headerHash(last) : '',
  digest: digestOf([]),
  issuedAt: '2026-01-01T00:00:00.000Z',
  validUntil: '2026-01-31T00:00:00.000Z',
});

test('every header is kept and the rows of the newest ten lists; a list is acknowledged once, if it exists', async () => {
  const lists = postgresIssuedLists(own.database, 'a1');
  const issue = () =>
    lists.issue((last) => Promise.resolve({ header: after(last), rows: [], signature: 'signature' }));
  for (let count = 0; count < 12; count += 1) await issue();
  expect(await lists.issue(() => Promise.resolve(undefined))).toMatchObject({ sequence: 12 });
  expect(await lists.headers(undefined, 200)).toHaveLength(12);
  expect(await lists.find(2)).toBeUndefined();
  expect(await lists.find(3)).toMatchObject({ header: { sequence: 3 }, rows: [] });
  expect(await lists.acknowledge(2, 'there', 'accepted')).toBe(true);
  expect(await lists.acknowledge(2, 'there', 'again')).toBe(true);
  expect(await lists.acknowledge(13, 'there', 'accepted')).toBe(false);
  const { rows } = await own.database.query('SELECT sequence, outcome FROM acknowledgement');
  expect(rows).toEqual([{ sequence: 2n, outcome: 'accepted' }]);
});
