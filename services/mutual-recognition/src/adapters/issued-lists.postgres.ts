import type { Database } from '@aeo/platform/postgres';
import { headerHash, type ListHeader, type ListRow } from '../domain/list.ts';
import type { IssuedLists } from '../ports.ts';

type HeaderRow = { header: ListHeader; signature: string };

export function postgresIssuedLists(database: Database, arrangementId: string): IssuedLists {
  return {
    issue: (make) =>
      database.transaction(async (transaction) => {
        await transaction.query('SELECT 1 FROM arrangement WHERE arrangement_id = $1 FOR UPDATE', [
          arrangementId,
        ]);
        const { rows } = await transaction.query<{ sequence: bigint; header_hash: string }>(
          `SELECT sequence, header_hash FROM list_issued WHERE arrangement_id = $1 ORDER BY sequence DESC LIMIT 1`,
          [arrangementId],
        );
        const list = await make(Number(rows[0]?.sequence ?? 0n) + 1, rows[0]?.header_hash ?? '');
        await transaction.query(
          `WITH issued AS (
             INSERT INTO list_issued (arrangement_id, sequence, header, signature, header_hash, rows)
             VALUES ($1, $2, $3, $4, $5, $6) RETURNING list_issued_commitment(list_issued) AS commitment)
           INSERT INTO proof_pending (stream, subject, commitment)
           SELECT 'lists', 'issued/' || $1 || '/' || $2, commitment FROM issued`,
          [
            ...[arrangementId, list.header.sequence, JSON.stringify(list.header), list.signature],
            ...[headerHash(list.header), JSON.stringify(list.rows)],
          ],
        );
        return list;
      }),
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
        'SELECT header, signature, rows FROM list_issued WHERE arrangement_id = $1 AND sequence = $2',
        [arrangementId, sequence],
      );
      return rows[0];
    },
    acknowledge: async (sequence, peer, outcome) => {
      await database.query(
        `INSERT INTO acknowledgement (arrangement_id, sequence, peer, outcome) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING`,
        [arrangementId, sequence, peer, outcome],
      );
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
