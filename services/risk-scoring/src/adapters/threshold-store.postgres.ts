import type { AppendOutbox } from '@aeo/platform/outbox';
import type { Database, Transaction } from '@aeo/platform/postgres';
import { riskTables, topics } from '@aeo/proto';
import type { ScoreCell } from '../domain/thresholds/threshold-table.ts';
import type { Ports, RecordedScore, ScoreWindow, ThresholdTransaction } from '../ports.ts';
import { saveModel } from './model-store.postgres.ts';

type ThresholdStore = Pick<
  Ports,
  'findThresholdTable' | 'recordScore' | 'withThresholds' | 'tryWithThresholds'
>;

/** @param append puts a threshold table into the outbox of the transaction that stores it */
export function postgresThresholdStore(database: Database, append: AppendOutbox): ThresholdStore {
  return {
    findThresholdTable: async (purpose, version) => {
      const { rows } = await database.query<{ record: Buffer }>(
        `SELECT record FROM threshold_table
         WHERE purpose = $1 AND ($2::bigint = 0 OR version = $2::bigint) ORDER BY version DESC LIMIT 1`,
        [purpose, String(version)],
      );
      return rows[0] && riskTables.ThresholdTable.decode(rows[0].record);
    },
    recordScore: async (purpose, score) => {
      const values = [purpose, true, ...columnsOf([score])];
      await database.query({ name: 'score-insert', text: insertScores }, values);
    },
    withThresholds: (work) =>
      database.transaction(async (transaction) => {
        await transaction.query(`SELECT pg_advisory_xact_lock(${lockKey})`);
        return work(thresholdTransaction(transaction, append));
      }),
    tryWithThresholds: (work) =>
      database.transaction(async (transaction) => {
        if (!(await tryLockThresholds(transaction))) return false;
        await work(thresholdTransaction(transaction, append));
        return true;
      }),
  };
}

function thresholdTransaction(transaction: Transaction, append: AppendOutbox): ThresholdTransaction {
  return {
    readWindow: (purpose) => readWindow(transaction, purpose),
    readDecidedWindow: (purpose) => readDecidedWindow(transaction, purpose),
    saveModel: (model) => saveModel(transaction, model),
    saveTrainingScores: async (purpose, scores) => {
      await transaction.query(insertScores, [purpose, false, ...columnsOf(scores)]);
    },
    nextTableVersion: async (purpose) => {
      const { rows } = await transaction.query<{ version: bigint | null }>(
        'SELECT max(version) AS version FROM threshold_table WHERE purpose = $1',
        [purpose],
      );
      return (rows[0]?.version ?? 0n) + 1n;
    },
    publishTable: async (table) => {
      const { purpose, version } = table;
      const value = Buffer.from(riskTables.ThresholdTable.encode(table).finish());
      await transaction.query('INSERT INTO threshold_table (purpose, version, record) VALUES ($1, $2, $3)', [
        purpose,
        String(version),
        value,
      ]);
      const event = { topic: topics.thresholdTable.name, key: String(purpose), value };
      await append(transaction, [{ ...event, eventType: 'ThresholdTableComputed' }]);
    },
  };
}

const lockKey = "hashtext('aeo thresholds')";

/** False where another instance holds the lock; true keeps others waiting until the transaction ends. */
export async function tryLockThresholds(transaction: Transaction): Promise<boolean> {
  const { rows } = await transaction.query<{ locked: boolean }>(
    `SELECT pg_try_advisory_xact_lock(${lockKey}) AS locked`,
  );
  return rows[0]?.locked === true;
}

// A declaration counts once, with the first score it was decided on. The score of a training only stands in for one:
// the next training replaces it, and so does the first decision, which then is the newest.
const insertScores = `
  INSERT INTO recorded_score (purpose, live, declaration_id, office, declared_on, base, selected)
  SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::date[], $6::integer[], $7::boolean[])
  ON CONFLICT (declaration_id, purpose) DO UPDATE
  SET live = excluded.live, office = excluded.office, declared_on = excluded.declared_on, base = excluded.base,
      selected = excluded.selected, id = DEFAULT
  WHERE NOT recorded_score.live`;

async function readDecidedWindow(
  transaction: Transaction,
  purpose: number,
): Promise<ScoreWindow | undefined> {
  const { rowCount } = await transaction.query(
    'SELECT FROM recorded_score WHERE purpose = $1 AND live LIMIT 1',
    [purpose],
  );
  return rowCount === 0 ? undefined : readWindow(transaction, purpose);
}

function columnsOf(scores: readonly RecordedScore[]) {
  return [
    scores.map(({ declarationId }) => declarationId),
    scores.map(({ office }) => office),
    scores.map(({ declaredOn }) => declaredOn),
    scores.map(({ base }) => base),
    scores.map(({ selected }) => selected),
  ];
}

// One declaration with a wrong date must not move the window: it ends at the day that nine in ten of the newest do
// not exceed. What a training wrote later is no newer than what was decided.
export const windowEdge = `
  SELECT percentile_disc(0.9) WITHIN GROUP (ORDER BY declared_on) AS day
  FROM (SELECT declared_on FROM recorded_score WHERE purpose = $1 ORDER BY live DESC, id DESC LIMIT 200) AS newest`;

const readCells = `
  WITH edge AS (${windowEdge})
  SELECT edge.day::text AS "endsOn", office, base, count(*)::integer AS count,
         (count(*) FILTER (WHERE selected))::integer AS selected
  FROM recorded_score CROSS JOIN edge
  WHERE purpose = $1 AND declared_on > edge.day - $2::integer AND declared_on <= edge.day
  GROUP BY edge.day, office, base`;

async function readWindow(transaction: Transaction, purpose: number): Promise<ScoreWindow | undefined> {
  const newest = await transaction.query<{ record: Buffer }>(
    'SELECT record FROM threshold_table WHERE purpose = $1 ORDER BY version DESC LIMIT 1',
    [purpose],
  );
  if (newest.rows[0] === undefined) return undefined;
  const table = riskTables.ThresholdTable.decode(newest.rows[0].record);
  const { rows } = await transaction.query<ScoreCell & { endsOn: string }>(
    { name: 'score-window', text: readCells },
    [purpose, table.windowDays],
  );
  const [first] = rows;
  return first && { endsOn: first.endsOn, cells: rows, table };
}
