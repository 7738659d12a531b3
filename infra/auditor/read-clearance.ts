import { sealedLedger } from '@aeo/clearance-priority';
import type { Database } from '@aeo/platform/postgres';
import { clearanceDecision } from '@aeo/proto';
import type { ClearanceState, ControlRow, Credit, DecisionRow, KeyRow } from './audited-state.ts';
import { inDatabase, pages } from './read-database.ts';
import { chainOf, waitingIn, type AnchorOf } from './read-chains.ts';
import type { ClearanceSource } from './sources.ts';
import { hashOf } from './transcript.ts';

/** Reads ledger, decision keys and controls, and verifies the ledger against its sealed heads. */
export function readClearance(source: ClearanceSource, anchorOf: AnchorOf): Promise<ClearanceState> {
  return inDatabase(source.databaseUrl, async (database) => ({
    waiting: await waitingIn(database),
    decisions: await decisionsIn(database),
    keys: await keysIn(database),
    controls: await controlsIn(database),
    chains: [await chainOf(database, sealedLedger, source.proofKeyFile, anchorOf)],
  }));
}

type LedgerRow = {
  declaration_id: string;
  version: number;
  revision: number;
  decided_at: Date;
  declared_on: string;
  lane: number;
  provisional: boolean;
  probe: boolean;
  record: Buffer;
};

async function decisionsIn(database: Database): Promise<DecisionRow[]> {
  const rows: DecisionRow[] = [];
  const page = `SELECT declaration_id, version, revision, decided_at, declared_on::text, lane, provisional, probe, record
    FROM ledger WHERE (declaration_id, version, revision) > ($1, $2::integer, $3::integer)
    ORDER BY declaration_id, version, revision LIMIT $4`;
  const after = (row: LedgerRow) => [row.declaration_id, row.version, row.revision];
  for await (const row of pages<LedgerRow>(database, page, ['', 0, 0], after)) rows.push(decisionRow(row));
  return rows;
}

/** Values that have a column are read from it and the rest from the record, so that both are compared with the topic. */
function decisionRow(row: LedgerRow): DecisionRow {
  const decision = clearanceDecision.Decision.decode(row.record);
  return {
    declarationId: row.declaration_id,
    version: row.version,
    revision: row.revision,
    stage: decision.stage,
    probe: row.probe,
    provisional: row.provisional,
    lane: row.lane,
    declaredOn: row.declared_on,
    decidedAt: row.decided_at.getTime(),
    ...readDecision(decision),
    hash: hashOf(row.record),
  };
}

type Read = Pick<DecisionRow, 'evaluatedAt' | 'asOf' | 'noBenefit' | 'matched' | 'credits'>;

function readDecision(decision: clearanceDecision.Decision): Read {
  const asOf = (source: string) => decision.freshness.find((each) => each.source === source)?.asOf?.getTime();
  return {
    evaluatedAt: decision.evaluatedAt?.getTime() ?? 0,
    asOf: { registry: asOf('registry'), exchange: asOf('exchange') },
    noBenefit: decision.noBenefit,
    matched: decision.matches
      .filter(({ source }) => source !== '')
      .map(({ source, listSequence }) => ({ source, listSequence: Number(listSequence) })),
    credits: decision.assessments.filter(({ credit }) => credit > 0).map((each) => creditOf(decision, each)),
  };
}

/** A credit without a match gets empty names, which equal no operator's. */
function creditOf(
  { matches }: clearanceDecision.Decision,
  { creditedMatch }: clearanceDecision.PurposeAssessment,
): Credit {
  const { source = '', operatorId = '', certificateId = '', version } = matches[creditedMatch] ?? {};
  const { epoch, number } = version ?? { epoch: 0n, number: 0n };
  return { source, operatorId, certificateId, version: { epoch: Number(epoch), number: Number(number) } };
}

async function keysIn(database: Database): Promise<KeyRow[]> {
  const { rows } = await database.query<KeyRow>(
    `SELECT declaration_id AS "declarationId", version, revision, stage::integer AS stage FROM decision_key
     ORDER BY declaration_id, version, revision`,
  );
  return rows;
}

async function controlsIn(database: Database): Promise<ControlRow[]> {
  const { rows } = await database.query<ControlRow>(
    'SELECT control_id AS "controlId", declaration_id AS "declarationId", version, probe FROM control',
  );
  return rows;
}
