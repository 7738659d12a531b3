import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/setup/stack/database.ts';
import { postgresRetention } from './retention.postgres.ts';

const migrations = fileURLToPath(new URL('../../migrations', import.meta.url));
const retentionDays = { scores: 60, feedback: 100 };
let own: TestDatabase;

beforeEach(async () => {
  own = await createTestDatabase(inject('stack').postgresUrl, migrations);
  await own.database.query("INSERT INTO threshold_table (purpose, version, record) VALUES (2, 1, '')");
});
afterEach(() => own.drop());

/** Scores one after the other, `count` of each day. */
async function record(day: string, count: number): Promise<void> {
  await own.database.query(
    `INSERT INTO recorded_score (purpose, live, declaration_id, office, declared_on, base, selected)
     SELECT 2, true, $1 || '-' || number, '40', $1::date, 500, false FROM generate_series(1, $2::integer) AS number`,
    [day, count],
  );
}

const days = async () => {
  const { rows } = await own.database.query<{ day: string; count: number }>(
    'SELECT declared_on::text AS day, count(*)::integer AS count FROM recorded_score GROUP BY 1 ORDER BY 1',
  );
  return Object.fromEntries(rows.map(({ day, count }) => [day, count]));
};

test('scores older than the window needs are deleted, and so are those of years to come', async () => {
  for (const day of ['2020-12-31', '2021-01-19', '2021-01-20', '9999-01-01']) await record(day, 3);
  await record('2021-03-20', 250);
  expect(await postgresRetention(own.database).deleteOld(retentionDays)).toBe(false);
  expect(await days()).toEqual({ '2021-01-20': 3, '2021-03-20': 250 });
});

test('the newest scores are kept whatever their dates', async () => {
  await record('2021-03-20', 250);
  await record('1999-01-01', 5);
  await record('9999-01-01', 5);
  await postgresRetention(own.database).deleteOld(retentionDays);
  expect(await days()).toEqual({ '1999-01-01': 5, '2021-03-20': 250, '9999-01-01': 5 });
});

test('a round deletes no more than allowed, and reports that more is left', async () => {
  await record('2020-01-01', 25);
  await record('2021-03-20', 250);
  const retention = postgresRetention(own.database, 10);
  const more = [];
  for (let round = 0; round < 3; round += 1) more.push(await retention.deleteOld(retentionDays));
  expect(more).toEqual([true, true, false]);
  expect(await days()).toEqual({ '2021-03-20': 250 });
});

test('feedback is deleted by the time it was recorded', async () => {
  await own.database.query(
    `INSERT INTO control_feedback (control_id, declaration_id, declared_on, kind, outcome, selection, probability_ppm,
                                   recorded_at)
     SELECT 'control-' || age, 'declaration', '2021-03-20', 3, 1, 3, 10000, now() - age * interval '1 day'
     FROM unnest(ARRAY[0, 99, 101]) AS age`,
  );
  await postgresRetention(own.database).deleteOld(retentionDays);
  const { rows } = await own.database.query('SELECT control_id FROM control_feedback ORDER BY 1');
  expect(rows).toEqual([{ control_id: 'control-0' }, { control_id: 'control-99' }]);
});

test('nothing is deleted while another instance publishes thresholds', async () => {
  await record('2020-01-01', 5);
  await record('2021-03-20', 250);
  await own.database.transaction(async (transaction) => {
    await transaction.query("SELECT pg_advisory_xact_lock(hashtext('aeo thresholds'))");
    await postgresRetention(own.database).deleteOld(retentionDays);
  });
  expect(await days()).toEqual({ '2020-01-01': 5, '2021-03-20': 250 });
});
