import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/setup/stack/database.ts';
import { common } from '../domain/vocabulary.ts';
import { countBenefits } from './benefits.postgres.ts';

const { GREEN, RED, YELLOW } = common.Lane;
let own: TestDatabase;
beforeAll(async () => {
  const migrations = fileURLToPath(new URL('../../migrations', import.meta.url));
  own = await createTestDatabase(inject('stack').postgresUrl, migrations);
});
afterAll(() => own.drop());
beforeEach(async () => void (await own.database.query('TRUNCATE ledger')));

type Row = {
  id: string;
  version?: number;
  revision?: number;
  lane?: common.Lane;
  without?: common.Lane;
  provisional?: boolean;
  probe?: boolean;
  office?: string;
  day?: string;
};

async function decided(...rows: Row[]): Promise<void> {
  for (const row of rows) {
    const { version = 1, revision = 1, lane = GREEN, provisional = false, probe = false } = row;
    const { office = '10', day = '2021-01-04', without = lane } = row;
    await own.database.query(
      `INSERT INTO ledger VALUES ($1, $2, $3, now(), $4, $5, $6, $7, $8, $9, 0, '{}', '', '', 0, '', 0, '', '')`,
      [row.id, version, revision, probe, provisional, office, day, lane, without],
    );
  }
}

const everything = { from: undefined, until: undefined };
const count = (
  days = everything as { from: string | undefined; until: string | undefined },
  after?: string,
) => countBenefits(own.database, 'office', days, { after, limit: 2 });

test('an amended declaration counts once, by the newest version and its newest revision', async () => {
  await decided(
    { id: 'a', version: 1, lane: RED },
    { id: 'a', version: 2, revision: 1, lane: RED },
    { id: 'a', version: 2, revision: 2, lane: GREEN, without: RED },
    { id: 'b', lane: RED },
  );
  expect(await count()).toEqual([{ key: '10', declarations: 2n, inspected: 1n, inspectedWithoutStatus: 2n }]);
});

test('a declaration whose newest decision is provisional does not count, nor does a probe', async () => {
  await decided(
    { id: 'a', version: 1, lane: RED },
    { id: 'a', version: 2, lane: RED, provisional: true },
    { id: 'b', lane: RED, probe: true },
    { id: 'c', lane: YELLOW },
  );
  expect(await count()).toMatchObject([{ declarations: 1n, inspected: 0n }]);
});

test('days are those of the newest version, both ends included', async () => {
  await decided(
    { id: 'a', version: 1, day: '2021-01-04' },
    { id: 'a', version: 2, day: '2021-02-01' },
    { id: 'b', day: '2021-01-05' },
  );
  expect(await count({ from: '2021-01-05', until: '2021-01-05' })).toMatchObject([{ declarations: 1n }]);
  expect(await count({ from: undefined, until: '2021-01-04' })).toEqual([]);
  expect(await count({ from: '2021-01-01', until: '2021-02-01' })).toMatchObject([{ declarations: 2n }]);
});

test('keys come in order, so many at a time, from the one named on', async () => {
  await decided({ id: 'a', office: 'b' }, { id: 'b', office: 'B' }, { id: 'c', office: 'a' });
  expect((await count()).map(({ key }) => key)).toEqual(['B', 'a']);
  expect((await count(everything, 'a')).map(({ key }) => key)).toEqual(['b']);
});
