import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/setup/database.ts';
import { postgresForgetting } from './forgetting.postgres.ts';

const migrations = fileURLToPath(new URL('../../migrations', import.meta.url));
const kept = { scoreDays: 60, feedbackDays: 100 };
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

test('scores older than what the window needs are forgotten, and so are those of years that are not yet', async () => {
  for (const day of ['2020-12-31', '2021-01-19', '2021-01-20', '9999-01-01']) await record(day, 3);
  await record('2021-03-20', 250);
  expect(await postgresForgetting(own.database).forgetOld(kept)).toBe(false);
  expect(await days()).toEqual({ '2021-01-20': 3, '2021-03-20': 250 });
});

test('the newest stay whatever their dates', async () => {
  await record('2021-03-20', 250);
  await record('1999-01-01', 5);
  await record('9999-01-01', 5);
  await postgresForgetting(own.database).forgetOld(kept);
  expect(await days()).toEqual({ '1999-01-01': 5, '2021-03-20': 250, '9999-01-01': 5 });
});

test('no more goes at once than allowed, and it is told that more is left', async () => {
  await record('2020-01-01', 25);
  await record('2021-03-20', 250);
  const forgetting = postgresForgetting(own.database, 10);
  const more = [];
  for (let round = 0; round < 3; round += 1) more.push(await forgetting.forgetOld(kept));
  expect(more).toEqual([true, true, false]);
  expect(await days()).toEqual({ '2021-03-20': 250 });
});

test('feedback is forgotten by the time it was recorded', async () => {
  await own.database.query(
    `INSERT INTO control_feedback (control_id, declaration_id, declared_on, kind, outcome, selection, probability_ppm,
                                   recorded_at)
     SELECT 'control-' || age, 'declaration', '2021-03-20', 3, 1, 3, 10000, now() - age * interval '1 day'
     FROM unnest(ARRAY[0, 99, 101]) AS age`,
  );
  await postgresForgetting(own.database).forgetOld(kept);
  const { rows } = await own.database.query('SELECT control_id FROM control_feedback ORDER BY 1');
  expect(rows).toEqual([{ control_id: 'control-0' }, { control_id: 'control-99' }]);
});

test('while another instance is at the thresholds, nothing is forgotten', async () => {
  await record('2020-01-01', 5);
  await record('2021-03-20', 250);
  await own.database.transaction(async (transaction) => {
    await transaction.query("SELECT pg_advisory_xact_lock(hashtext('aeo thresholds'))");
    await postgresForgetting(own.database).forgetOld(kept);
  });
  expect(await days()).toEqual({ '2020-01-01': 5, '2021-03-20': 250 });
});
