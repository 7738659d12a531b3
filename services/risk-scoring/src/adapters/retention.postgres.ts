import type { Database, Transaction } from '@aeo/platform/postgres';
import type { RetentionDays, Ports } from '../ports.ts';
import { tryLockThresholds, windowEdge } from './threshold-store.postgres.ts';

/** Rows a statement deletes at most, so that none holds its locks for long. */
const rowsMax = 5_000;

/** A date later than the window's end by more than this is wrong. */
const aheadDaysMax = 366;

// The newest are kept whatever their dates: the end of the window is computed from them.
const deleteScores = `
  WITH edge AS (${windowEdge}),
  newest AS (SELECT id FROM recorded_score WHERE purpose = $1 ORDER BY live DESC, id DESC LIMIT 200)
  DELETE FROM recorded_score WHERE purpose = $1 AND id IN (
    SELECT id FROM recorded_score CROSS JOIN edge
    WHERE purpose = $1 AND (declared_on <= edge.day - $2::integer OR declared_on > edge.day + $3::integer)
      AND id NOT IN (SELECT id FROM newest)
    LIMIT $4)`;

const deleteFeedback = `
  DELETE FROM control_feedback WHERE control_id IN (
    SELECT control_id FROM control_feedback WHERE recorded_at < clock_timestamp() - $1 * interval '1 day'
    ORDER BY recorded_at LIMIT $2)`;

export function postgresRetention(database: Database, limit = rowsMax): Pick<Ports, 'deleteOld'> {
  return {
    deleteOld: (days) => database.transaction((transaction) => deleteOld(transaction, days, limit)),
  };
}

async function deleteOld(transaction: Transaction, days: RetentionDays, limit: number): Promise<boolean> {
  if (!(await tryLockThresholds(transaction))) return false;
  const purposes = await transaction.query<{ purpose: number }>(
    'SELECT DISTINCT purpose FROM threshold_table',
  );
  const deleted = [];
  for (const { purpose } of purposes.rows) {
    const values = [purpose, days.scores, aheadDaysMax, limit];
    deleted.push(await transaction.query({ name: 'delete-scores', text: deleteScores }, values));
  }
  const values = [days.feedback, limit];
  deleted.push(await transaction.query({ name: 'delete-feedback', text: deleteFeedback }, values));
  return deleted.some(({ rowCount }) => rowCount === limit);
}
