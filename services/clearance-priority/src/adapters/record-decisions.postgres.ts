import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { DatabaseClock } from '@aeo/platform/clock';
import { AppError, toAppError } from '@aeo/platform/errors';
import type { OutboxEvent, OutboxRow } from '@aeo/platform/outbox';
import type { Database } from '@aeo/platform/postgres';
import { clearanceDecision, declaration, topics } from '@aeo/proto';
import { creditedParty } from '../domain/decision/credited-party.ts';
import { isOpen } from '../domain/decision/same-outcome.ts';
import { isDegraded } from '../domain/decision/settle.ts';
import type { Candidate, Outcome, Request } from '../ports.ts';

export type RecordSettings = {
  database: Database;
  clock: DatabaseClock;
  monotonicMs: () => number;
  statusAgeMaxMs: number;
  outboxRow: (event: OutboxEvent) => OutboxRow;
};

const recordStatement = {
  name: 'decision-record',
  text: readFileSync(new URL('./record-decisions.sql', import.meta.url), 'utf8'),
};

type RecordRow = { ordinal: number; recorded: boolean; stale: boolean; at: Date };

/** Records a batch in one commit; the outcomes are in the order of the candidates. */
export async function recordDecisions(
  settings: RecordSettings,
  candidates: readonly Candidate[],
): Promise<Outcome[]> {
  const { database, clock, monotonicMs, statusAgeMaxMs } = settings;
  const inputs = candidates.map((candidate, index) => inputOf(candidate, index + 1, settings.outboxRow));
  const sentMs = monotonicMs();
  const { rows } = await database
    .query<RecordRow>(recordStatement, [statusAgeMaxMs, JSON.stringify(inputs.map(({ row }) => row))])
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
 * A lock that could not be taken in time is a lost race (SQLSTATE 55P03). `internal` is left to values that cannot be
 * stored (classes 22 and 23) and to faults of this code: they concern a row of their own. Anything else that a
 * database refuses, such as a missing column or right, concerns every row and may end by waiting.
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

/** A candidate as the statement reads it: its members are the columns of `input`. */
function inputOf(candidate: Candidate, ordinal: number, outboxRow: RecordSettings['outboxRow']) {
  const { request, decision, consignment, again, benefitAsOf } = candidate;
  const record = Buffer.from(clearanceDecision.Decision.encode(decision).finish());
  const { draw } = decision;
  if (draw === undefined) throw new Error('a decision without a draw');
  const row = {
    ordinal,
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
    content_hash: hex(request.contentHash),
    benefit_as_of: benefitAsOf ?? null,
    again,
    record: hex(record),
    salt: hex(randomBytes(16)),
    office: decision.office,
    declared_on: decision.declaredOn,
    lane: decision.lane,
    lane_without_status: decision.laneWithoutStatus,
    selection: decision.selection,
    no_benefit: decision.noBenefit,
    ...creditedColumns(decision),
    ...openColumns(request, decision),
    ...outboxColumns(request.inTrace(() => outboxRow(eventOf(request, record)))),
  };
  return { record, row };
}

/** Bytes as Postgres reads them from text. */
function hex(bytes: Buffer): string {
  return `\\x${bytes.toString('hex')}`;
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

/** What a re-evaluation needs to know; the declaration is stored only where there may be one. */
function openColumns(request: Request, decision: clearanceDecision.Decision) {
  const operators = decision.matches.map((match) => match.operatorId).filter((id) => id !== '');
  const open = isOpen(decision);
  return {
    probe: decision.probe,
    provisional: decision.provisional,
    open,
    degraded: isDegraded(decision),
    operators: operators,
    declaration: open ? hex(Buffer.from(declaration.Declaration.encode(request.declaration).finish())) : '',
  };
}

function outboxColumns([event_id, topic, partition, key, , headers]: OutboxRow) {
  return { event_id, topic, partition, key, headers };
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
