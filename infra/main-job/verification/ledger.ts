import { connectPostgres, type Database } from '@aeo/platform/postgres';
import { clearanceDecision, common } from '@aeo/proto';
import { retryWhileUnavailable } from '../retry-while-unavailable.ts';
import type { RunTrial } from '../suspension-trials/trials.ts';

/** Figures of a run that Postgres counts. */
export type LedgerFigures = {
  /** All rows of declarations that are no probes, earlier revisions included. */
  rows: number;
  /** Final revisions of declarations that are no probes. */
  decisions: number;
  earlierRevisions: number;
  /** Second final decisions of a declaration version at one stage, and decision keys without their row or reverse. */
  duplicates: number;
  red: number;
  controlResults: number;
  /** Controls beyond the first of a declaration. */
  controlsRepeated: number;
  /** Final revisions of probes, and of those among them that were answered. */
  probes: number;
  answeredProbes: number;
  /** Second final decisions of probes, and controls of probes; there must be none. */
  probeDuplicates: number;
  probeControls: number;
  /** Red final revisions by the tier whose status counted, `partner` for one recognised from abroad; any party. */
  redByStatus: Record<string, number>;
  /** Final revisions with a party of a country without an arrangement in force. */
  withoutArrangement: number;
  benefitsAfterBound: number;
};

const lanes = { red: 4 };

/** Reads the ledger of clearance-priority about the declarations of this run; a continued one holds others, too. */
export async function readLedger(
  databaseUrl: string,
  declarationIds: string[],
  trials: RunTrial[],
): Promise<{ figures: LedgerFigures; decisions: clearanceDecision.Decision[] }> {
  const settings = {
    url: databaseUrl,
    applicationName: 'main-job',
    connectionsMax: 1,
    statementTimeoutMs: 60_000,
  };
  const database = await retryWhileUnavailable(() => connectPostgres(settings));
  try {
    // One connection, so the table lives as long as this reading.
    await database.query(
      'CREATE TEMPORARY TABLE of_run AS SELECT DISTINCT unnest($1::text[]) AS declaration_id',
      [declarationIds],
    );
    const { rows } = await database.query<{ record: Buffer }>(
      `SELECT record FROM standing_decision JOIN of_run USING (declaration_id)
       WHERE NOT probe ORDER BY declaration_id, version`,
    );
    const decisions = rows.map(({ record }) => clearanceDecision.Decision.decode(record));
    const withoutArrangement = decisions.filter(({ matches }) =>
      matches.some(({ outcome }) => outcome === common.MatchOutcome.ARRANGEMENT_NOT_LIVE),
    ).length;
    return { figures: { ...(await figuresOf(database, trials)), withoutArrangement }, decisions };
  } finally {
    await database.stop();
  }
}

async function figuresOf(
  database: Database,
  trials: RunTrial[],
): Promise<Omit<LedgerFigures, 'withoutArrangement'>> {
  const count = async (text: string, values: unknown[] = []) => {
    const { rows } = await database.query<{ n: bigint }>(text, values);
    return Number(rows[0]?.n ?? 0n);
  };
  const sent = trials.flatMap(({ sentProbes }) => sentProbes);
  const answered = trials.flatMap(({ probes }) => probes);
  const rows = await count(
    'SELECT count(*) AS n FROM ledger JOIN of_run USING (declaration_id) WHERE NOT probe',
  );
  const final = 'FROM standing_decision JOIN of_run USING (declaration_id) WHERE NOT probe';
  const decisions = await count(`SELECT count(*) AS n ${final}`);
  return {
    rows,
    decisions,
    earlierRevisions: rows - decisions,
    duplicates: (await count(secondDecisions('NOT ledger.probe'))) + (await count(unmatchedKeys)),
    red: await count(`SELECT count(*) AS n ${final} AND lane = $1`, [lanes.red]),
    controlResults: await count(
      `SELECT count(*) AS n FROM control JOIN of_run USING (declaration_id)
       JOIN standing_decision USING (declaration_id, version) WHERE NOT control.probe AND lane = $1`,
      [lanes.red],
    ),
    controlsRepeated: await count(
      `SELECT count(*) AS n FROM (SELECT row_number() OVER (PARTITION BY declaration_id, version) AS nth
       FROM control JOIN of_run USING (declaration_id)) AS numbered WHERE nth > 1`,
    ),
    probes: await count(probesAmong, [sent]),
    answeredProbes: await count(probesAmong, [answered]),
    probeDuplicates: await count(secondDecisions('ledger.probe')),
    probeControls: await count('SELECT count(*) AS n FROM control WHERE probe'),
    redByStatus: await redByStatus(database),
    benefitsAfterBound: await benefitsAfterBound(database, trials),
  };
}

const probesAmong = 'SELECT count(*) AS n FROM standing_decision WHERE probe AND declaration_id = ANY($1)';

/** There must be one final decision for a version and stage, however often it was requested. */
const secondDecisions = (which: 'ledger.probe' | 'NOT ledger.probe') =>
  `SELECT count(*) AS n FROM (
     SELECT row_number() OVER (PARTITION BY declaration_id, version, stage) AS nth
     FROM ledger JOIN decision_key USING (declaration_id, version, revision)
     WHERE ${which} AND NOT provisional) AS numbered WHERE nth > 1`;

const unmatchedKeys = `SELECT count(*) AS n
  FROM ledger FULL JOIN decision_key AS held USING (declaration_id, version, revision)
  WHERE ledger.lane IS NULL OR held.stage IS NULL`;

async function redByStatus(database: Database): Promise<Record<string, number>> {
  const { rows } = await database.query<{ status: string; n: bigint }>(
    `SELECT CASE credited_source WHEN 'registry' THEN credited_tier ELSE 'partner' END AS status, count(*) AS n
     FROM standing_decision JOIN of_run USING (declaration_id)
     WHERE NOT probe AND lane = $1 AND credited_source <> '' GROUP BY 1`,
    [lanes.red],
  );
  return Object.fromEntries(rows.map(({ status, n }) => [status, Number(n)]));
}

/** Benefits recorded for a suspended operator between the bound and its reinstatement. */
async function benefitsAfterBound(database: Database, trials: RunTrial[]): Promise<number> {
  const { rows } = await database.query<{ n: bigint }>(
    `SELECT count(*) AS n
     FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) AS trial (operator, bound, reinstated)
     JOIN ledger ON ledger.credited_operator = trial.operator
       AND ledger.decided_at >= trial.bound AND ledger.decided_at < trial.reinstated`,
    [
      trials.map(({ operatorId }) => operatorId),
      trials.map(({ boundMs }) => new Date(boundMs)),
      trials.map(({ reinstatedMs }) => new Date(reinstatedMs)),
    ],
  );
  return Number(rows[0]?.n ?? 0n);
}
