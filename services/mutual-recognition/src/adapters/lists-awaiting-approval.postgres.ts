import type { Queryable, Transaction } from '@aeo/platform/postgres';
import type { WaitingList } from '../domain/list/list-awaiting-approval.ts';
import { headerHash, type ListHeader } from '../domain/list/list.ts';
import type { ReceivedList, SeenList } from '../domain/list/verify-list.ts';
import type { HeldListDecision, WaitingSummary } from '../ports.ts';

type Signed = ReceivedList & { signature: string };

/** A list of that sequence that waits for a second person, or waited. */
export async function findSeen(
  transaction: Transaction,
  id: string,
  sequence: number,
): Promise<SeenList | undefined> {
  const { rows } = await transaction.query<{ header_hash: string; decision: SeenList['decision'] | null }>(
    `SELECT header_hash, decision FROM list_held LEFT JOIN list_decision USING (arrangement_id, sequence)
     WHERE arrangement_id = $1 AND sequence = $2`,
    [id, sequence],
  );
  return rows[0] && { headerHash: rows[0].header_hash, decision: rows[0].decision ?? undefined };
}

/** Of lists that wait, the rows of so many are kept; older ones give way to what the partner said since. */
const keptMax = 3;

export async function storeHeld(
  transaction: Transaction,
  id: string,
  { header, signature, between, rows }: Signed,
  removed: number,
  heldBy: string,
): Promise<void> {
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
      JSON.stringify(between),
      JSON.stringify(rows),
      removed,
      heldBy,
    ],
  );
  await transaction.query(
    `UPDATE list_held SET rows = NULL WHERE arrangement_id = $1 AND rows IS NOT NULL AND sequence NOT IN (
       SELECT sequence FROM list_held WHERE arrangement_id = $1 ORDER BY sequence DESC LIMIT $2)`,
    [id, keptMax],
  );
}

/** Nobody decides any more on lists that came before the one accepted. */
export async function dropHeldRows(transaction: Transaction, id: string, sequence: number): Promise<void> {
  await transaction.query(
    'UPDATE list_held SET rows = NULL WHERE arrangement_id = $1 AND sequence <= $2 AND rows IS NOT NULL',
    [id, sequence],
  );
}

type HeldRow = {
  header: ListHeader;
  signature: string;
  between_headers: ListHeader[];
  rows: unknown[] | null;
  held_by: string;
  decision: 'released' | 'refused' | null;
};

export type StoredHeld = WaitingList<unknown[]> & { received: Signed };

export async function findHeld(
  transaction: Transaction,
  id: string,
  sequence: number,
): Promise<StoredHeld | undefined> {
  const { rows } = await transaction.query<HeldRow>(
    `SELECT header, signature, between_headers, rows, held_by, decision
     FROM list_held LEFT JOIN list_decision USING (arrangement_id, sequence)
     WHERE arrangement_id = $1 AND sequence = $2`,
    [id, sequence],
  );
  const row = rows[0];
  return (
    row && {
      heldBy: row.held_by,
      rows: row.rows ?? undefined,
      decision: row.decision ?? undefined,
      received: {
        header: row.header,
        signature: row.signature,
        between: row.between_headers,
        rows: row.rows ?? [],
        // It was asked before the list was kept.
        signatureValid: true,
      },
    }
  );
}

export async function storeDecision(
  transaction: Transaction,
  id: string,
  { sequence, decision, decidedBy, reason }: HeldListDecision,
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

export async function waitingLists(queryable: Queryable, id: string): Promise<WaitingSummary[]> {
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
    heldBy: held_by,
    heldAt: held_at,
  }));
}

/** Keeps both heads of a partner that signed one sequence twice, whichever of them we met as a list. */
export async function storeEquivocation(
  transaction: Transaction,
  id: string,
  { header, signature }: Signed,
): Promise<void> {
  await transaction.query(
    `INSERT INTO list_equivocation (arrangement_id, sequence, known_header, known_signature, other_header,
       other_signature, other_hash)
     SELECT $1, $2, header, signature, $3, $4, $5 FROM (
       SELECT header, signature FROM list_received WHERE arrangement_id = $1 AND sequence = $2
       UNION ALL SELECT header, signature FROM list_held WHERE arrangement_id = $1 AND sequence = $2) AS known
     LIMIT 1
     ON CONFLICT DO NOTHING`,
    [id, header.sequence, JSON.stringify(header), signature, headerHash(header)],
  );
}
