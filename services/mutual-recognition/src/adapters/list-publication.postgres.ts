import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '@aeo/platform/errors';
import type { AppendOutbox, OutboxEvent } from '@aeo/platform/outbox';
import type { Database, Transaction } from '@aeo/platform/postgres';
import { exchangeStatus, topics } from '@aeo/proto';
import type { Arrangement } from '../domain/arrangement/arrangement.ts';
import type { ListHeader } from '../domain/list/list.ts';
import {
  activatedKey,
  activatedMessage,
  membershipKey,
  membershipMessage,
  suspensionKey,
  suspensionMessage,
} from '../application/publication/status-messages.ts';
import { operatorColumns, operatorOf, type OperatorRow } from './received-rows.postgres.ts';

export type Publication = {
  database: Database;
  append: AppendOutbox;
  arrangement: Arrangement;
  epoch: bigint;
};

const topic = topics.partnerStatus.name;

/**
 * So many records go to the outbox at once, and more only when fewer than the bound wait there. Together they stay
 * below what the relay takes in one round: a full round sends no heartbeat, and a large list would make every status
 * of the exchange look stale.
 */
const chunkRows = 400;
const outboxRowsMax = 50;
const sentWaitMs = 60_000;

/** Publishes what is owed, as it was stored, in chunks; then the activation, if one is owed. Safe to run twice at once. */
export async function publishOwed(settings: Publication, signal?: AbortSignal): Promise<void> {
  const { database, arrangement } = settings;
  for (;;) {
    await untilWaiting(database, outboxRowsMax, signal);
    const { published, list } = await database.transaction(async (transaction) => {
      await lockArrangement(transaction, arrangement.id);
      const published = await publishChunk(settings, transaction);
      // Looked at under the same lock as "nothing is left", or it might be a list accepted since.
      return { published, list: published === 0 ? await owedList(transaction, arrangement.id) : undefined };
    });
    if (published > 0) continue;
    if (list !== undefined) await activate(settings, list, signal);
    return;
  }
}

/** Serialises everything that is done under an arrangement. */
export async function lockArrangement(transaction: Transaction, id: string): Promise<void> {
  await transaction.query('SELECT 1 FROM arrangement WHERE arrangement_id = $1 FOR UPDATE', [id]);
}

/**
 * Appends one chunk of what is owed, suspensions first: they act at once, and what follows may be long.
 *
 * @returns how many records were appended
 */
export async function publishChunk(
  { append, arrangement, epoch }: Publication,
  transaction: Transaction,
): Promise<number> {
  const { id } = arrangement;
  const known = { arrangementId: id, epoch };
  const suspensions = await takeOwed(transaction, id, 'suspension_owed', chunkRows);
  const left = chunkRows - suspensions.length;
  const memberships = left > 0 ? await takeOwed(transaction, id, 'membership_owed', left) : [];
  const receivedAt = await receiptsOf(transaction, id, memberships);
  await append(transaction, [
    ...suspensions.map((row) =>
      event(
        suspensionKey(id, row.partner_operator_id),
        suspensionMessage(operatorOf(row), known, row.suspension_received_at ?? undefined),
        'PartnerSuspensionChanged',
      ),
    ),
    ...memberships.map((row) =>
      event(
        membershipKey(id, row.partner_operator_id),
        membershipMessage(operatorOf(row), known, receivedAt),
        'PartnerMembershipChanged',
      ),
    ),
  ]);
  return suspensions.length + memberships.length;
}

async function takeOwed(
  transaction: Transaction,
  id: string,
  owed: 'suspension_owed' | 'membership_owed',
  limit: number,
): Promise<OperatorRow[]> {
  const { rows } = await transaction.query<OperatorRow>(
    `UPDATE partner_operator SET ${owed} = false
     WHERE arrangement_id = $1 AND partner_operator_id IN (
       SELECT partner_operator_id FROM partner_operator WHERE arrangement_id = $1 AND ${owed}
       ORDER BY partner_operator_id LIMIT $2)
     RETURNING ${operatorColumns}`,
    [id, limit],
  );
  return rows;
}

async function receiptsOf(
  transaction: Transaction,
  id: string,
  operators: readonly OperatorRow[],
): Promise<Map<number, Date>> {
  const sequences = new Set(operators.flatMap(({ slots }) => slots.map(({ sequence }) => sequence)));
  const { rows } = await transaction.query<{ sequence: bigint; received_at: Date }>(
    'SELECT sequence, received_at FROM list_received WHERE arrangement_id = $1 AND sequence = ANY($2::bigint[])',
    [id, [...sequences]],
  );
  return new Map(rows.map((row) => [Number(row.sequence), row.received_at]));
}

function event(
  key: string,
  message: exchangeStatus.PartnerStatus,
  eventType: string,
  partition?: number,
): OutboxEvent {
  const value = exchangeStatus.PartnerStatus.encode(message).finish();
  return { topic, key, eventType, value, ...(partition === undefined ? {} : { partition }) };
}

type OwedRow = { sequence: bigint; header: ListHeader; partition_counts: number[]; received_at: Date };

/** The list accepted last, where its activation is still to come. */
async function owedList(transaction: Transaction, id: string): Promise<OwedRow | undefined> {
  const { rows } = await transaction.query<OwedRow>(
    `SELECT sequence, header, partition_counts, received_at FROM list_received
     WHERE arrangement_id = $1 AND activated_at IS NULL ORDER BY sequence DESC LIMIT 1`,
    [id],
  );
  return rows[0];
}

/** The activation follows only when every membership before it has been acknowledged by Kafka. */
async function activate(
  { database, append, arrangement, epoch }: Publication,
  list: OwedRow,
  signal: AbortSignal | undefined,
): Promise<void> {
  await untilSent(database, signal);
  await database.transaction(async (transaction) => {
    await lockArrangement(transaction, arrangement.id);
    const { rowCount } = await transaction.query(
      `UPDATE list_received SET activated_at = clock_timestamp()
       WHERE arrangement_id = $1 AND sequence <= $2 AND activated_at IS NULL`,
      [arrangement.id, String(list.sequence)],
    );
    if (rowCount === 0) return;
    const signed = { header: list.header, receivedAt: list.received_at };
    await append(
      transaction,
      list.partition_counts.map((count, partition) =>
        event(
          activatedKey(arrangement.id, partition),
          activatedMessage(signed, count, epoch, arrangement),
          'PartnerListActivated',
          partition,
        ),
      ),
    );
  });
  await untilSent(database, signal);
}

/** The relay deletes a row once it is acknowledged. */
async function untilSent(database: Database, signal: AbortSignal | undefined): Promise<void> {
  const { rows } = await database.query<{ last: bigint | null }>('SELECT max(id) AS last FROM outbox');
  const last = String(rows[0]?.last ?? 0n);
  await until(signal, async () => {
    const waiting = await database.query('SELECT 1 FROM outbox WHERE id <= $1 LIMIT 1', [last]);
    return waiting.rowCount === 0;
  });
}

async function untilWaiting(
  database: Database,
  most: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  await until(signal, async () => {
    const waiting = await database.query('SELECT 1 FROM outbox LIMIT $1', [most + 1]);
    return waiting.rowCount <= most;
  });
}

async function until(signal: AbortSignal | undefined, holds: () => Promise<boolean>): Promise<void> {
  for (const endMs = Date.now() + sentWaitMs; !(await holds()); await pause(20)) {
    if (signal?.aborted === true || Date.now() > endMs)
      throw new AppError('unavailable', 'UNAVAILABLE', 'Kafka does not take our records');
  }
}
