import type { Transaction } from '@aeo/platform/postgres';
import type { Changes, PartnerOperator, Slot } from '../domain/list/changes.ts';
import type { RowStatus } from '../domain/list/list.ts';
import type { PartnerOperators } from '../ports.ts';

export function partnerOperatorsOf(transaction: Transaction, id: string): PartnerOperators {
  return {
    all: async () => {
      const { rows } = await transaction.query<OperatorRow>(
        `SELECT ${operatorColumns} FROM partner_operator WHERE arrangement_id = $1`,
        [id],
      );
      return new Map(rows.map((row) => [row.partner_operator_id, operatorOf(row)]));
    },
    saveChanges: (changes) => saveChanges(transaction, id, changes),
    anyAbsenceUnanswered: async () => {
      const { rowCount } = await transaction.query(
        'SELECT 1 FROM partner_operator WHERE arrangement_id = $1 AND absence_unanswered LIMIT 1',
        [id],
      );
      return rowCount > 0;
    },
    toggleAbsenceUnanswered: async (operatorIds) => {
      await transaction.query(
        `UPDATE partner_operator SET absence_unanswered = NOT absence_unanswered, version = version + 1,
           membership_owed = true
         WHERE arrangement_id = $1 AND partner_operator_id = ANY($2::text[])`,
        [id, operatorIds],
      );
    },
    takeOwedSuspensions: async (limit) => {
      const rows = await takeOwed(transaction, id, 'suspension_owed', limit);
      return rows.map((row) => ({
        operator: operatorOf(row),
        receivedAt: row.suspension_received_at ?? undefined,
      }));
    },
    takeOwedMemberships: async (limit) =>
      (await takeOwed(transaction, id, 'membership_owed', limit)).map(operatorOf),
    oweSuspension: (operatorId) => owe(transaction, id, 'suspension_owed', operatorId),
    oweMembership: (operatorId) => owe(transaction, id, 'membership_owed', operatorId),
    oweEverything: async () => {
      await transaction.query(
        `UPDATE partner_operator SET membership_owed = true, suspension_owed = suspension_version > 0
         WHERE arrangement_id = $1`,
        [id],
      );
    },
  };
}

type OperatorRow = {
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

const operatorColumns = `partner_operator_id, version, slots, suspension_version, suspension_status,
  suspension_decided_at, suspension_effective_from, suspension_received_at, absence_unanswered`;

function operatorOf(row: OperatorRow): PartnerOperator {
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

type OwedColumn = 'suspension_owed' | 'membership_owed';

async function takeOwed(
  transaction: Transaction,
  id: string,
  owed: OwedColumn,
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

async function owe(
  transaction: Transaction,
  id: string,
  owed: OwedColumn,
  operatorId: string,
): Promise<void> {
  await transaction.query(
    `UPDATE partner_operator SET ${owed} = true WHERE arrangement_id = $1 AND partner_operator_id = $2`,
    [id, operatorId],
  );
}

async function saveChanges(
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
