import { randomBytes } from 'node:crypto';
import type { DatabaseClock } from '@aeo/platform/clock';
import type { OutboxEvent, OutboxRow } from '@aeo/platform/outbox';
import type { Database } from '@aeo/platform/postgres';
import type { common } from '@aeo/proto';
import { clearanceDecision, declaration, topics } from '@aeo/proto';
import { creditedParty } from '../domain/credited.ts';
import { consignmentKey } from '../domain/decision/draw.ts';
import { isDegraded } from '../domain/decision/settle.ts';
import type { Candidate, DecisionStore, Known, Outcome, ProvisionalRow, Request } from '../ports.ts';
import { countBenefits } from './benefits.postgres.ts';
import { recordControl } from './control.postgres.ts';
import { lookUpStatement, provisionalStatement, recordStatement } from './statements.ts';

type Settings = {
  database: Database;
  clock: DatabaseClock;
  monotonicMs: () => number;
  statusAgeMaxMs: number;
  outboxRow: (event: OutboxEvent) => OutboxRow;
};

/** Decisions in Postgres. Every recorded batch also tells the clock what the database's time is. */
export function postgresDecisionStore(settings: Settings): DecisionStore {
  const { database } = settings;
  return {
    lookUp: (requests) => lookUp(database, requests),
    record: (candidates) => record(settings, candidates),
    find: async (declarationId, version, revision) => {
      const { rows } = await database.query<{ record: Buffer; decided_at: Date }>(
        `SELECT record, decided_at FROM ledger
         WHERE declaration_id = $1 AND ($2 = 0 OR version = $2) AND ($3 = 0 OR revision = $3)
         ORDER BY version DESC, revision DESC LIMIT 1`,
        [declarationId, version, revision],
      );
      return rows[0] && { record: rows[0].record, decidedAt: rows[0].decided_at };
    },
    provisional: (operators, degradedBefore, limit) =>
      provisional(database, operators, degradedBefore, limit),
    recordControl: (control) => recordControl(database, settings.outboxRow, control),
    countBenefits: (by, days) => countBenefits(database, by, days),
  };
}

type KnownRow = {
  ordinal: number;
  content_hash: Buffer | null;
  revision_max: number | null;
  record: Buffer | null;
  decided_at: Date | null;
  day: string | null;
  key_id: string;
  probability_ppm: number;
  value_ppm: number;
  selected: boolean;
};

async function lookUp(database: Database, requests: readonly Request[]): Promise<Known[]> {
  const declared = requests.map((request) => request.declaration);
  const { rows } = await database.query<KnownRow>(lookUpStatement, [
    declared.map(({ declarationId }) => declarationId),
    declared.map(({ version }) => version),
    requests.map(({ stage }) => stage),
    declared.map(consignmentKey),
  ]);
  return rows.map((row) => ({
    contentHash: row.content_hash ?? undefined,
    revisionMax: row.revision_max ?? 0,
    standing: row.record && row.decided_at ? { record: row.record, decidedAt: row.decided_at } : undefined,
    draw: row.day === null ? undefined : drawOf({ ...row, day: row.day }),
  }));
}

function drawOf(row: KnownRow & { day: string }): clearanceDecision.RandomDraw {
  return {
    keyId: row.key_id,
    day: row.day,
    probabilityPpm: row.probability_ppm,
    selected: row.selected,
    valuePpm: row.value_ppm,
  };
}

type RecordRow = { ordinal: number; recorded: boolean; stale: boolean; at: Date };

async function record(settings: Settings, candidates: readonly Candidate[]): Promise<Outcome[]> {
  const rows = candidates.map((candidate) => columnsOf(candidate, settings.outboxRow));
  const width = rows[0]?.length ?? 0;
  const columns = Array.from({ length: width }, (_, column) => rows.map((row) => row[column]));
  const sentMs = settings.monotonicMs();
  const answer = await settings.database.query<RecordRow>(recordStatement, [
    settings.statusAgeMaxMs,
    ...columns,
  ]);
  const at = answer.rows[0]?.at;
  if (at !== undefined) settings.clock.observe(at.getTime(), sentMs, settings.monotonicMs());
  return answer.rows.map((row, index): Outcome => {
    if (row.recorded)
      return {
        kind: 'recorded',
        recorded: { record: rows[index]?.[recordColumn] as Buffer, decidedAt: row.at },
      };
    return { kind: row.stale ? 'stale' : 'lost' };
  });
}

const recordColumn = 19;

/** One value for each column of the statement's input, in its order. */
function columnsOf(
  { request, decision, consignment, benefitAsOf }: Candidate,
  outboxRow: Settings['outboxRow'],
) {
  const bytes = Buffer.from(clearanceDecision.Decision.encode(decision).finish());
  const { source, tier, role, operatorId, sizeClass } = creditedParty(decision);
  const { draw } = decision;
  if (draw === undefined) throw new Error('a decision without a draw');
  const operators = decision.matches.map((match) => match.operatorId).filter((id) => id !== '');
  const event = request.inTrace(() => outboxRow(eventOf(request, bytes)));
  return [
    ...[consignment, draw.day, draw.keyId, draw.probabilityPpm, draw.valuePpm, draw.selected],
    ...[decision.declarationId, decision.version, decision.revision, decision.stage, request.contentHash],
    ...[benefitAsOf ?? null, decision.probe, decision.provisional, decision.office, decision.declaredOn],
    ...[decision.lane, decision.laneWithoutStatus, decision.selection, bytes],
    ...[JSON.stringify(decision.noBenefit), source, tier, role, operatorId, sizeClass, randomBytes(16)],
    ...[isDegraded(decision), JSON.stringify(operators), declarationBytes(request, decision.provisional)],
    ...event,
  ];
}

function eventOf(request: Request, value: Buffer): OutboxEvent {
  return {
    topic: topics.decision.name,
    key: request.declaration.declarationId,
    value,
    eventType: 'DeclarationDecided',
    correlationId: request.correlationId,
  };
}

/** Only a declaration that will be decided again is kept. */
function declarationBytes(request: Request, provisional: boolean): Buffer {
  return provisional
    ? Buffer.from(declaration.Declaration.encode(request.declaration).finish())
    : Buffer.alloc(0);
}

type StoredProvisional = { declaration: Buffer; stage: common.Stage; probe: boolean };

async function provisional(
  database: Database,
  operators: readonly string[],
  degradedBefore: Date | undefined,
  limit: number,
): Promise<ProvisionalRow[]> {
  const { rows } = await database.query<StoredProvisional>(provisionalStatement, [
    operators,
    degradedBefore ?? null,
    limit,
  ]);
  return rows.map(({ stage, probe, ...row }) => ({
    declaration: declaration.Declaration.decode(row.declaration),
    stage,
    probe,
  }));
}
