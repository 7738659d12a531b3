import type { Database, Transaction } from '@aeo/platform/postgres';
import { headerHash, type ListHeader, type ListRow } from '../domain/list/list.ts';
import type { IssuedLists, IssuedListStore, SignedList } from '../ports.ts';

type HeaderRow = { header: ListHeader; signature: string };

export function postgresIssuedLists(database: Database, arrangementId: string): IssuedLists {
  return {
    headers: async (before, limit) => {
      const { rows } = await database.query<HeaderRow>(
        `SELECT header, signature FROM list_issued
         WHERE arrangement_id = $1 AND ($2::bigint IS NULL OR sequence < $2) ORDER BY sequence DESC LIMIT $3`,
        [arrangementId, before ?? null, limit],
      );
      return rows;
    },
    find: async (sequence) => {
      const { rows } = await database.query<HeaderRow & { rows: ListRow[] }>(
        `SELECT header, signature, rows FROM list_issued
         WHERE arrangement_id = $1 AND sequence = $2 AND rows IS NOT NULL`,
        [arrangementId, sequence],
      );
      return rows[0];
    },
    acknowledge: async (sequence, peer, outcome) => {
      const { rows } = await database.query(
        `WITH known AS (SELECT sequence FROM list_issued WHERE arrangement_id = $1 AND sequence = $2),
              noted AS (
                INSERT INTO acknowledgement (arrangement_id, sequence, peer, outcome)
                SELECT $1, sequence, $3, $4 FROM known ON CONFLICT DO NOTHING)
         SELECT sequence FROM known`,
        [arrangementId, sequence, peer, outcome],
      );
      return rows.length > 0;
    },
    lastSequence: async () => {
      const { rows } = await database.query<{ sequence: bigint | null }>(
        'SELECT max(sequence) AS sequence FROM list_issued WHERE arrangement_id = $1',
        [arrangementId],
      );
      return Number(rows[0]?.sequence ?? 0n);
    },
  };
}

export function issuedListStoreOf(transaction: Transaction, arrangementId: string): IssuedListStore {
  return {
    findLast: async () => {
      const { rows } = await transaction.query<{ header: ListHeader }>(
        'SELECT header FROM list_issued WHERE arrangement_id = $1 ORDER BY sequence DESC LIMIT 1',
        [arrangementId],
      );
      return rows[0]?.header;
    },
    save: (list, rowsKept) => save(transaction, arrangementId, list, rowsKept),
  };
}

async function save(
  transaction: Transaction,
  arrangementId: string,
  list: SignedList,
  rowsKept: number,
): Promise<void> {
  const { header, signature, rows } = list;
  await transaction.query(
    `WITH issued AS (
       INSERT INTO list_issued (arrangement_id, sequence, header, signature, header_hash, rows)
       VALUES ($1, $2, $3, $4, $5, $6) RETURNING list_issued_commitment(list_issued) AS commitment)
     INSERT INTO proof_pending (stream, subject, commitment)
     SELECT 'lists', 'issued/' || $1 || '/' || $2, commitment FROM issued`,
    [
      arrangementId,
      header.sequence,
      JSON.stringify(header),
      signature,
      headerHash(header),
      JSON.stringify(rows),
    ],
  );
  await transaction.query(
    `UPDATE list_issued SET rows = NULL
     WHERE arrangement_id = $1 AND sequence <= $2 AND rows IS NOT NULL`,
    [arrangementId, header.sequence - rowsKept],
  );
}
