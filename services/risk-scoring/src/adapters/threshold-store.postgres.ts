import type { AppendOutbox } from '@aeo/platform/outbox';
import type { Database, Transaction } from '@aeo/platform/postgres';
import { riskTables, topics } from '@aeo/proto';
import type { ScoreCell } from '../domain/threshold-table.ts';
import type { MakeTable, Ports, RecordedScore, ScoreWindow } from '../ports.ts';

type ThresholdStore = Pick<Ports, 'findThresholdTable' | 'recordScore' | 'leadThresholds'>;

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
      await database.query({ name: 'score-insert', text: insertScores }, [purpose, ...columnsOf([score])]);
    },
    leadThresholds: (purpose, compute) =>
      database.transaction(async (transaction) => {
        const lock = await transaction.query<{ held: boolean }>(
          "SELECT pg_try_advisory_xact_lock(hashtext('aeo thresholds')) AS held",
        );
        if (lock.rows[0]?.held !== true) return;
        const window = await readWindow(transaction, purpose);
        const make = window && compute(window);
        if (make !== undefined) await saveTable(transaction, append, purpose, make);
      }),
  };
}

// A declaration counts once, with the first score it was decided on.
const insertScores = `
  INSERT INTO recorded_score (purpose, declaration_id, office, declared_on, base, selected)
  SELECT $1, * FROM unnest($2::text[], $3::text[], $4::date[], $5::integer[], $6::boolean[])
  ON CONFLICT (declaration_id, purpose) DO NOTHING`;

/** The scores of a training stand in for those no declaration was decided on yet. */
export async function writeTrainingScores(
  transaction: Transaction,
  purpose: number,
  scores: RecordedScore[],
): Promise<void> {
  const replace = insertScores.replace(
    'DO NOTHING',
    'DO UPDATE SET base = excluded.base, selected = excluded.selected',
  );
  await transaction.query(replace, [purpose, ...columnsOf(scores)]);
}

function columnsOf(scores: RecordedScore[]) {
  return [
    scores.map(({ declarationId }) => declarationId),
    scores.map(({ office }) => office),
    scores.map(({ declaredOn }) => declaredOn),
    scores.map(({ base }) => base),
    scores.map(({ selected }) => selected),
  ];
}

/** Stores the table of the next version and puts it into the outbox. */
export async function saveTable(
  transaction: Transaction,
  append: AppendOutbox,
  purpose: number,
  make: MakeTable,
): Promise<riskTables.ThresholdTable> {
  // Two at once would take the same version; the primary key lets one of them through.
  const newest = await transaction.query<{ version: bigint | null }>(
    'SELECT max(version) AS version FROM threshold_table WHERE purpose = $1',
    [purpose],
  );
  const table = make((newest.rows[0]?.version ?? 0n) + 1n);
  const value = Buffer.from(riskTables.ThresholdTable.encode(table).finish());
  await transaction.query('INSERT INTO threshold_table (purpose, version, record) VALUES ($1, $2, $3)', [
    purpose,
    String(table.version),
    value,
  ]);
  await append(transaction, [
    { topic: topics.thresholdTable.name, key: String(purpose), value, eventType: 'ThresholdTableComputed' },
  ]);
  return table;
}

// One declaration with a wrong date must not move the window: it ends where nine in ten of the newest have come to.
const readCells = `
  WITH edge AS (
    SELECT percentile_disc(0.9) WITHIN GROUP (ORDER BY declared_on) AS day
    FROM (SELECT declared_on FROM recorded_score WHERE purpose = $1 ORDER BY id DESC LIMIT 200) AS newest)
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
