import { randomBytes } from 'node:crypto';
import type { DatabaseClock } from '@aeo/platform/clock';
import { AppError, toAppError } from '@aeo/platform/errors';
import type { OutboxEvent, OutboxRow } from '@aeo/platform/outbox';
import type { Database } from '@aeo/platform/postgres';
import { type common, clearanceDecision, declaration, topics } from '@aeo/proto';
import { creditedParty } from '../domain/decision/credited-party.ts';
import { consignmentKey } from '../domain/decision/draw.ts';
import { recordedFrom } from '../domain/decision/recorded.ts';
import { isOpen } from '../domain/decision/same-outcome.ts';
import { isDegraded } from '../domain/decision/settle.ts';
import type { Candidate, DecisionStore, Known, Outcome, ProvisionalRow, Request } from '../ports.ts';
import { countBenefits } from './benefits.postgres.ts';
import { recordControl } from './control.postgres.ts';
import {
  columnsOf,
  concernedStatement,
  degradedStatement,
  lookUpStatement,
  recordStatement,
  type RecordInput,
} from './statements.ts';

type Settings = {
  database: Database;
  clock: DatabaseClock;
  monotonicMs: () => number;
  statusAgeMaxMs: number;
  outboxRow: (event: OutboxEvent) => OutboxRow;
};

/** Decisions in Postgres. Every look-up and every record also tells the clock what the database's time is. */
export function postgresDecisionStore(settings: Settings): DecisionStore {
  const { database } = settings;
  return {
    lookUp: (requests) => lookUp(settings, requests),
    record: (candidates) => record(settings, candidates),
    find: async (declarationId, version, revision) => {
      const { rows } = await database.query<{ record: Buffer; decided_at: Date }>(
        `SELECT record, decided_at FROM ledger
         WHERE declaration_id = $1 AND ($2 = 0 OR version = $2) AND ($3 = 0 OR revision = $3)
         ORDER BY version DESC, revision DESC LIMIT 1`,
        [declarationId, version, revision],
      );
      return rows[0] && recordedFrom(rows[0].record, rows[0].decided_at);
    },
    concerned: (changes, after, limit) =>
      openRows(database, concernedStatement, [
        changes.map(({ operatorId }) => operatorId),
        changes.map(({ decidedBefore }) => decidedBefore),
        after?.declarationId ?? '',
        after?.version ?? 0,
        limit,
      ]),
    degraded: (before, after, limit) =>
      openRows(database, degradedStatement, [before, after?.declarationId ?? '', after?.version ?? 0, limit]),
    recordControl: (control) => recordControl(database, settings.outboxRow, control),
    countBenefits: (by, days, page) => countBenefits(database, by, days, page),
  };
}

type KnownRow = {
  ordinal: number;
  at: Date;
  content_hash: Buffer | null;
  probe: boolean | null;
  revision_max: number | null;
  passed: boolean;
  controlled: boolean;
  record: Buffer | null;
  decided_at: Date | null;
  consignment_key: string | null;
  day: string;
  key_id: string;
  probability_ppm: number;
  value_ppm: number;
  selected: boolean;
};

async function lookUp(
  { database, clock, monotonicMs }: Settings,
  requests: readonly Request[],
): Promise<Known[]> {
  const declared = requests.map((request) => request.declaration);
  const sentMs = monotonicMs();
  const { rows } = await database.query<KnownRow>(lookUpStatement, [
    declared.map(({ declarationId }) => declarationId),
    declared.map(({ version }) => version),
    requests.map(({ stage }) => stage),
    declared.map(consignmentKey),
  ]);
  if (rows[0] !== undefined) clock.observe(rows[0].at.getTime(), sentMs, monotonicMs());
  return rows.map((row) => ({
    contentHash: row.content_hash ?? undefined,
    probe: row.probe ?? undefined,
    revisionMax: row.revision_max ?? 0,
    standing: row.record && row.decided_at ? recordedFrom(row.record, row.decided_at) : undefined,
    passed: row.passed,
    controlled: row.controlled,
    draw: row.consignment_key === null ? undefined : drawOf(row),
    consignment: row.consignment_key ?? undefined,
    at: row.at,
  }));
}

function drawOf(row: KnownRow): clearanceDecision.RandomDraw {
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
  const { database, clock, monotonicMs, statusAgeMaxMs } = settings;
  const inputs = candidates.map((candidate) => inputOf(candidate, settings.outboxRow));
  const sentMs = monotonicMs();
  const { rows } = await database
    .query<RecordRow>(recordStatement, [statusAgeMaxMs, ...columnsOf(inputs)])
    .catch((error: unknown) => {
      throw recordError(error);
    });
  if (rows[0] !== undefined) clock.observe(rows[0].at.getTime(), sentMs, monotonicMs());
  return rows.map((row, index): Outcome => {
    if (!row.recorded) return { kind: row.stale ? 'stale' : 'lost' };
    const { decision } = candidates[index]!;
    return { kind: 'recorded', recorded: { bytes: inputs[index]!.record, decision, decidedAt: row.at } };
  });
}

/**
 * A lock that was not to be had in time is a lost race (SQLSTATE 55P03). `internal` is left to values that cannot be
 * stored (classes 22 and 23) and to faults of this code: they concern a row of their own. Whatever else a database
 * refuses, a column that is not there yet or a missing right, concerns every row and may end by waiting.
 */
function recordError(error: unknown): AppError {
  const failure = toAppError(error);
  const state = (failure.cause as { code?: unknown } | undefined)?.code;
  if (typeof state !== 'string' || !/^[0-9A-Z]{5}$/.test(state)) return failure;
  const { message, cause } = failure;
  if (state === '55P03') return new AppError('conflict', 'VERSION_CONFLICT', message, { cause });
  if (failure.code !== 'internal' || /^2[23]/.test(state)) return failure;
  return new AppError('unavailable', 'UNAVAILABLE', message, { cause });
}

type StoredInput = RecordInput & { record: Buffer };

function inputOf(candidate: Candidate, outboxRow: Settings['outboxRow']): StoredInput {
  const { request, decision, consignment, again, benefitAsOf } = candidate;
  const record = Buffer.from(clearanceDecision.Decision.encode(decision).finish());
  const { draw } = decision;
  if (draw === undefined) throw new Error('a decision without a draw');
  return {
    consignment_key: consignment,
    day: draw.day,
    key_id: draw.keyId,
    selected: draw.selected,
    probability_ppm: draw.probabilityPpm,
    value_ppm: draw.valuePpm,
    declaration_id: decision.declarationId,
    version: decision.version,
    revision: decision.revision,
    stage: decision.stage,
    content_hash: request.contentHash,
    benefit_as_of: benefitAsOf ?? null,
    again,
    record,
    salt: randomBytes(16),
    office: decision.office,
    declared_on: decision.declaredOn,
    lane: decision.lane,
    lane_without_status: decision.laneWithoutStatus,
    selection: decision.selection,
    no_benefit: JSON.stringify(decision.noBenefit),
    ...creditedColumns(decision),
    ...openColumns(request, decision),
    ...outboxColumns(request.inTrace(() => outboxRow(eventOf(request, record)))),
  };
}

function creditedColumns(decision: clearanceDecision.Decision) {
  const { source, tier, role, operatorId, sizeClass } = creditedParty(decision);
  return {
    credited_source: source,
    credited_tier: tier,
    credited_role: role,
    credited_operator: operatorId,
    size_class: sizeClass,
  };
}

/** What deciding again needs to know; the declaration is kept only where that may happen. */
function openColumns(request: Request, decision: clearanceDecision.Decision) {
  const operators = decision.matches.map((match) => match.operatorId).filter((id) => id !== '');
  const open = isOpen(decision);
  return {
    probe: decision.probe,
    provisional: decision.provisional,
    open,
    degraded: isDegraded(decision),
    operators: JSON.stringify(operators),
    declaration: open
      ? Buffer.from(declaration.Declaration.encode(request.declaration).finish())
      : Buffer.alloc(0),
  };
}

function outboxColumns([event_id, topic, partition, key, value, headers]: OutboxRow) {
  return { event_id, topic, partition, key, value, headers };
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

type StoredRow = { declaration: Buffer; stage: common.Stage; probe: boolean };

async function openRows(
  database: Database,
  statement: typeof concernedStatement,
  values: readonly unknown[],
): Promise<ProvisionalRow[]> {
  const { rows } = await database.query<StoredRow>(statement, values);
  return rows.map(({ stage, probe, ...row }) => ({
    declaration: declaration.Declaration.decode(row.declaration),
    stage,
    probe,
  }));
}
