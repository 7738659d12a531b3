import { AppError } from '@aeo/platform/errors';
import type { Queryable, Transaction } from '@aeo/platform/postgres';
import { headerHash, type ListHeader } from '../domain/list/list.ts';
import type { AcceptedList, AcceptedLists, PublishedList, ReceivedSummary, SignedHeader } from '../ports.ts';

export function acceptedListsOf(transaction: Transaction, id: string): AcceptedLists {
  return {
    findLast: () => lastAcceptedList(transaction, id),
    findInForce: () => newestList(transaction, id, 'activated_at IS NOT NULL'),
    findOwedActivation: () => newestList(transaction, id, 'activated_at IS NULL'),
    save: (list) => save(transaction, id, list),
    markActivated: async (sequence) => {
      const { rowCount } = await transaction.query(
        `UPDATE list_received SET activated_at = clock_timestamp()
         WHERE arrangement_id = $1 AND sequence <= $2 AND activated_at IS NULL`,
        [id, sequence],
      );
      return rowCount > 0;
    },
    receiptTimes: async (sequences) => {
      const { rows } = await transaction.query<{ sequence: bigint; received_at: Date }>(
        `SELECT sequence, received_at FROM list_received
         WHERE arrangement_id = $1 AND sequence = ANY($2::bigint[])`,
        [id, sequences],
      );
      return new Map(rows.map((row) => [Number(row.sequence), row.received_at]));
    },
    saveEquivocation: (other) => saveEquivocation(transaction, id, other),
  };
}

type LastRow = {
  sequence: bigint;
  header_hash: string;
  listed: number;
  recognised: number;
  received_at: Date;
  activated_at: Date | null;
};

/** The list accepted last, whether or not it is in force yet. */
export async function lastAcceptedList(
  queryable: Queryable,
  id: string,
): Promise<ReceivedSummary | undefined> {
  const { rows } = await queryable.query<LastRow>(
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

type PublishedRow = { header: ListHeader; received_at: Date; partition_counts: number[] };

export async function newestList(
  queryable: Queryable,
  id: string,
  activation: 'activated_at IS NULL' | 'activated_at IS NOT NULL',
): Promise<PublishedList | undefined> {
  const { rows } = await queryable.query<PublishedRow>(
    `SELECT header, received_at, partition_counts FROM list_received
     WHERE arrangement_id = $1 AND ${activation} ORDER BY sequence DESC LIMIT 1`,
    [id],
  );
  const row = rows[0];
  return row && { header: row.header, receivedAt: row.received_at, partitionCounts: row.partition_counts };
}

async function save(
  transaction: Transaction,
  id: string,
  { header, signature, rows, recognised, partitionCounts }: AcceptedList,
): Promise<void> {
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
      recognised,
      partitionCounts,
    ],
  );
  if (rowCount !== 1) throw new AppError('internal', 'INTERNAL', 'a list was not stored');
}

async function saveEquivocation(
  transaction: Transaction,
  id: string,
  { header, signature }: SignedHeader,
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
