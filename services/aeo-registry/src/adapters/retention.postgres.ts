import type { Database } from '@aeo/platform/postgres';

/** For how long a caller may retry under a key. */
const keptAnswersDays = 30;

/** Rows a statement deletes at most, so that none holds its locks for long. */
const rowsMax = 1_000;

const forget = {
  name: 'forget-answers',
  text: `DELETE FROM idempotency WHERE (caller, key) IN (
           SELECT caller, key FROM idempotency WHERE answered_at < clock_timestamp() - $1 * interval '1 day'
           ORDER BY answered_at LIMIT $2 FOR UPDATE SKIP LOCKED)`,
};

/** Forgets a bounded number of the oldest answers, those another instance has locked left to it. True where more may be left. */
export async function forgetOld(database: Pick<Database, 'query'>): Promise<boolean> {
  const { rowCount } = await database.query(forget, [keptAnswersDays, rowsMax]);
  return rowCount === rowsMax;
}
