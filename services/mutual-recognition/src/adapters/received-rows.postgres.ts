import { AppError } from '@aeo/platform/errors';
import { partitionOf } from '@aeo/platform/kafka';
import type { Queryable, Transaction } from '@aeo/platform/postgres';
import { topics } from '@aeo/proto';
import type { Arrangement } from '../domain/arrangement/arrangement.ts';
import type { Changes, PartnerOperator, Slot } from '../domain/list/changes.ts';
import { type ListHeader, type ListRow, type RowStatus, headerHash } from '../domain/list/list.ts';
import type { ReceivedList } from '../domain/list/verify-list.ts';
import type { ReceivedSummary } from '../ports.ts';
import { membershipKey } from '../application/publication/status-messages.ts';

type NewestRow = {
  sequence: bigint;
  header_hash: string;
  listed: number;
  recognised: number;
  received_at: Date;
  activated_at: Date | null;
};

/** The list accepted last, whether or not it is in force yet. */
export async function newestList(queryable: Queryable, id: string): Promise<ReceivedSummary | undefined> {
  const { rows } = await queryable.query<NewestRow>(
    `SELECT sequence, header_hash, listed, recognised, received_at, activated_at FROM list_received
     WHERE arrangement_id = $1 ORDER BY sequence DESC LIMIT 1`,
    [id],
  );
  const row = rows[0];
  return (
    row && {
      sequence: Number(row.sequence),
      headerHash: row.header_hash,
      listed: row.listed,
      recognised: row.recognised,
      receivedAt: row.received_at,
      activated: row.activated_at !== null,
    }
  );
}

/** The list whose activation was published last; undefined before the first. */
export async function listInForce(
  queryable: Queryable,
  id: string,
): Promise<{ header: ListHeader; receivedAt: Date } | undefined> {
  const { rows } = await queryable.query<{ header: ListHeader; received_at: Date }>(
    `SELECT header, received_at FROM list_received
     WHERE arrangement_id = $1 AND activated_at IS NOT NULL ORDER BY sequence DESC LIMIT 1`,
    [id],
  );
  return rows[0] && { header: rows[0].header, receivedAt: rows[0].received_at };
}

export type OperatorRow = {
  partner_operator_id: string;
  version: bigint;
  slots: Slot[];
  suspension_version: bigint;
  suspension_status: RowStatus;
  suspension_decided_at: string | null;
  suspension_effective_from: string | null;
  suspension_received_at: Date | null;
  absence_unanswered: boolean;
};

export const operatorColumns = `partner_operator_id, version, slots, suspension_version, suspension_status,
  suspension_decided_at, suspension_effective_from, suspension_received_at, absence_unanswered`;

export function operatorOf(row: OperatorRow): PartnerOperator {
  return {
    operatorId: row.partner_operator_id,
    version: row.version,
    slots: row.slots,
    suspensionVersion: row.suspension_version,
    suspensionStatus: row.suspension_status,
    suspensionDecidedAt: row.suspension_decided_at,
    suspensionEffectiveFrom: row.suspension_effective_from,
    absenceUnanswered: row.absence_unanswered,
  };
}

export async function readOperators(
  transaction: Transaction,
  id: string,
): Promise<Map<string, PartnerOperator>> {
  const { rows } = await transaction.query<OperatorRow>(
    `SELECT ${operatorColumns} FROM partner_operator WHERE arrangement_id = $1`,
    [id],
  );
  return new Map(rows.map((row) => [row.partner_operator_id, operatorOf(row)]));
}

/** Stores operators as a list changed them, each with what is owed for it to the status topic. */
export async function storeChanges(
  transaction: Transaction,
  id: string,
  { memberships, suspensions }: Changes,
): Promise<void> {
  const suspended = new Set(suspensions.map(({ operatorId }) => operatorId));
  const enrolled = new Set(memberships.map(({ operatorId }) => operatorId));
  const operators = [
    ...new Map([...suspensions, ...memberships].map((each) => [each.operatorId, each])).values(),
  ];
  if (operators.length === 0) return;
  await transaction.query(
    `INSERT INTO partner_operator AS held (arrangement_id, partner_operator_id, version, row, slots,
       suspension_version, suspension_status, suspension_decided_at, suspension_effective_from, membership_owed,
       suspension_owed, suspension_received_at)
     SELECT $1, *, clock_timestamp() FROM unnest($2::text[], $3::bigint[], $4::jsonb[], $5::jsonb[], $6::bigint[],
       $7::text[], $8::text[], $9::text[], $10::boolean[], $11::boolean[])
     ON CONFLICT (arrangement_id, partner_operator_id) DO UPDATE SET version = excluded.version,
       row = excluded.row, slots = excluded.slots, suspension_version = excluded.suspension_version,
       suspension_status = excluded.suspension_status, suspension_decided_at = excluded.suspension_decided_at,
       suspension_effective_from = excluded.suspension_effective_from,
       suspension_received_at = CASE WHEN excluded.suspension_owed THEN excluded.suspension_received_at
         ELSE held.suspension_received_at END,
       membership_owed = held.membership_owed OR excluded.membership_owed,
       suspension_owed = held.suspension_owed OR excluded.suspension_owed`,
    [
      id,
      operators.map(({ operatorId }) => operatorId),
      operators.map(({ version }) => String(version)),
      operators.map(({ slots }) => JSON.stringify(slots.at(-1)?.row ?? null)),
      operators.map(({ slots }) => JSON.stringify(slots)),
      operators.map(({ suspensionVersion }) => String(suspensionVersion)),
      operators.map(({ suspensionStatus }) => suspensionStatus),
      operators.map(({ suspensionDecidedAt }) => suspensionDecidedAt),
      operators.map(({ suspensionEffectiveFrom }) => suspensionEffectiveFrom),
      operators.map(({ operatorId }) => enrolled.has(operatorId)),
      operators.map(({ operatorId }) => suspended.has(operatorId)),
    ],
  );
}

/** @param rows those of the list, all of them usable: only such a list is accepted */
export async function storeList(
  transaction: Transaction,
  arrangement: Arrangement,
  { header, signature }: ReceivedList & { signature: string },
  rows: readonly ListRow[],
): Promise<void> {
  const { id } = arrangement;
  const { rowCount } = await transaction.query(
    `WITH received AS (
       INSERT INTO list_received (arrangement_id, sequence, header, signature, header_hash, listed, recognised,
         partition_counts) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       RETURNING list_received_commitment(list_received) AS commitment)
     INSERT INTO proof_pending (stream, subject, commitment)
     SELECT 'lists', 'received/' || $1 || '/' || $2, commitment FROM received`,
    [
      id,
      header.sequence,
      JSON.stringify(header),
      signature,
      headerHash(header),
      rows.length,
      recognisedOf(rows, arrangement),
      countsOf(rows, id),
    ],
  );
  if (rowCount !== 1) throw new AppError('internal', 'INTERNAL', 'a list was not stored');
}

function recognisedOf(rows: readonly ListRow[], { recognisedTiers }: Arrangement): number {
  return rows.filter(({ tier, status }) => status === 'active' && recognisedTiers.includes(tier)).length;
}

const { partitions } = topics.partnerStatus;

/** How many listed operators' membership records fall on each partition, by the hash of their keys. */
function countsOf(rows: readonly ListRow[], id: string): number[] {
  const counts = new Array<number>(partitions).fill(0);
  for (const { operatorId } of rows) {
    const partition = partitionOf(membershipKey(id, operatorId), partitions);
    counts[partition] = (counts[partition] ?? 0) + 1;
  }
  return counts;
}
