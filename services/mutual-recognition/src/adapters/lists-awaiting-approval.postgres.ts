import type { Queryable, Transaction } from '@aeo/platform/postgres';
import { headerHash, type ListHeader } from '../domain/list/list.ts';
import type { ListOfSameSequence } from '../domain/list/verify-list.ts';
import type { ApprovalDecision, AwaitingSummary, ListsAwaitingApproval, NewAwaitingList } from '../ports.ts';

/** Lists that wait for a second person are rows of `list_held`; what was decided on them is in `list_decision`. */
export function listsAwaitingApprovalOf(transaction: Transaction, id: string): ListsAwaitingApproval {
  return {
    findHeader: (sequence) => findHeader(transaction, id, sequence),
    find: (sequence) => find(transaction, id, sequence),
    save: (waiting, rowsKept) => save(transaction, id, waiting, rowsKept),
    saveDecision: (decision) => saveDecision(transaction, id, decision),
    dropRowsUpTo: async (sequence) => {
      await transaction.query(
        'UPDATE list_held SET rows = NULL WHERE arrangement_id = $1 AND sequence <= $2 AND rows IS NOT NULL',
        [id, sequence],
      );
    },
    members: async () => {
      const { rows } = await transaction.query<{ held_at: Date; operator_ids: string[] }>(
        `SELECT held_at, ARRAY(SELECT jsonb_array_elements(rows)->>'operatorId') AS operator_ids
         FROM list_held WHERE arrangement_id = $1 AND rows IS NOT NULL ORDER BY sequence`,
        [id],
      );
      return rows.map((row) => ({ waitingSince: row.held_at, operatorIds: new Set(row.operator_ids) }));
    },
  };
}

export async function awaitingSummaries(queryable: Queryable, id: string): Promise<AwaitingSummary[]> {
  const { rows } = await queryable.query<{
    sequence: bigint;
    count: number;
    removed: number;
    held_by: string;
    held_at: Date;
  }>(
    `SELECT sequence, (header->>'count')::integer AS count, removed, held_by, held_at
     FROM list_held WHERE arrangement_id = $1 AND rows IS NOT NULL ORDER BY sequence DESC`,
    [id],
  );
  return rows.map(({ sequence, held_by, held_at, ...row }) => ({
    ...row,
    sequence: Number(sequence),
    pulledBy: held_by,
    waitingSince: held_at,
  }));
}

async function findHeader(
  transaction: Transaction,
  id: string,
  sequence: number,
): Promise<ListOfSameSequence | undefined> {
  const { rows } = await transaction.query<{
    header_hash: string;
    decision: ListOfSameSequence['decision'] | null;
  }>(
    `SELECT header_hash, decision FROM list_held LEFT JOIN list_decision USING (arrangement_id, sequence)
     WHERE arrangement_id = $1 AND sequence = $2`,
    [id, sequence],
  );
  return rows[0] && { headerHash: rows[0].header_hash, decision: rows[0].decision ?? undefined };
}

async function save(
  transaction: Transaction,
  id: string,
  { list, removed, pulledBy }: NewAwaitingList,
  rowsKept: number,
): Promise<void> {
  const { header, signature, headersBetween, rows } = list;
  await transaction.query(
    `WITH held AS (
       INSERT INTO list_held (arrangement_id, sequence, header, signature, header_hash, between_headers, rows,
         removed, held_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       ON CONFLICT DO NOTHING RETURNING list_held_commitment(list_held) AS commitment)
     INSERT INTO proof_pending (stream, subject, commitment)
     SELECT 'lists', 'held/' || $1 || '/' || $2, commitment FROM held`,
    [
      id,
      header.sequence,
      JSON.stringify(header),
      signature,
      headerHash(header),
      JSON.stringify(headersBetween),
      JSON.stringify(rows),
      removed,
      pulledBy,
    ],
  );
  await transaction.query(
    `UPDATE list_held SET rows = NULL WHERE arrangement_id = $1 AND rows IS NOT NULL AND sequence NOT IN (
       SELECT sequence FROM list_held WHERE arrangement_id = $1 ORDER BY sequence DESC LIMIT $2)`,
    [id, rowsKept],
  );
}

type AwaitingRow = {
  header: ListHeader;
  signature: string;
  between_headers: ListHeader[];
  rows: unknown[] | null;
  held_by: string;
  decision: 'released' | 'refused' | null;
};

async function find(
  transaction: Transaction,
  id: string,
  sequence: number,
): ReturnType<ListsAwaitingApproval['find']> {
  const { rows } = await transaction.query<AwaitingRow>(
    `SELECT header, signature, between_headers, rows, held_by, decision
     FROM list_held LEFT JOIN list_decision USING (arrangement_id, sequence)
     WHERE arrangement_id = $1 AND sequence = $2`,
    [id, sequence],
  );
  const row = rows[0];
  return (
    row && {
      pulledBy: row.held_by,
      rows: row.rows ?? undefined,
      decision: row.decision ?? undefined,
      received: {
        header: row.header,
        signature: row.signature,
        headersBetween: row.between_headers,
        rows: row.rows ?? [],
        // It was verified before the list was kept.
        signatureValid: true,
      },
    }
  );
}

async function saveDecision(
  transaction: Transaction,
  id: string,
  { sequence, decision, decidedBy, reason }: ApprovalDecision,
): Promise<void> {
  await transaction.query(
    `WITH made AS (
       INSERT INTO list_decision (arrangement_id, sequence, decision, decided_by, reason)
       VALUES ($1, $2, $3, $4, $5) RETURNING list_decision_commitment(list_decision) AS commitment)
     INSERT INTO proof_pending (stream, subject, commitment)
     SELECT 'lists', 'decided/' || $1 || '/' || $2, commitment FROM made`,
    [id, sequence, decision, decidedBy, reason],
  );
  await transaction.query('UPDATE list_held SET rows = NULL WHERE arrangement_id = $1 AND sequence = $2', [
    id,
    sequence,
  ]);
}
