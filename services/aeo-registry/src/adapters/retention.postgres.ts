import type { Database } from '@aeo/platform/postgres';

/** How long a caller may retry under a key. */
const retentionDays = 30;

/** The most rows that a statement deletes, so that it does not hold its locks for long. */
const rowsMax = 1_000;

const deleteAnswers = {
  name: 'forget-answers',
  text: `DELETE FROM idempotency WHERE (caller, key) IN (
           SELECT caller, key FROM idempotency WHERE answered_at < clock_timestamp() - $1 * interval '1 day'
           ORDER BY answered_at LIMIT $2 FOR UPDATE SKIP LOCKED)`,
};

/** Deletes a bounded number of the oldest answers, without those that another instance is deleting. True where more may be left. */
export async function deleteOldAnswers(database: Pick<Database, 'query'>): Promise<boolean> {
  const { rowCount } = await database.query(deleteAnswers, [retentionDays, rowsMax]);
  return rowCount === rowsMax;
}
