import type { Database } from '@aeo/platform/postgres';
import type { JSONWebKeySet } from 'jose';
import type { ReceivedLists } from '../ports.ts';
import { lastAcceptedList, newestList } from './accepted-lists.postgres.ts';
import { awaitingSummaries } from './lists-awaiting-approval.postgres.ts';

/** The partner's keys, and what is shown of its lists. */
export function postgresReceivedLists(database: Database, id: string): ReceivedLists {
  return {
    pinnedKeys: async () => {
      const { rows } = await database.query<{ partner_keys: JSONWebKeySet | null }>(
        'SELECT partner_keys FROM arrangement WHERE arrangement_id = $1',
        [id],
      );
      return rows[0]?.partner_keys ?? undefined;
    },
    pinKeys: async (keys) => {
      await database.query(
        'UPDATE arrangement SET partner_keys = $2 WHERE arrangement_id = $1 AND partner_keys IS NULL',
        [id, JSON.stringify(keys)],
      );
    },
    findLastAccepted: () => lastAcceptedList(database, id),
    findInForce: () => newestList(database, id, 'activated_at IS NOT NULL'),
    listAwaitingApproval: () => awaitingSummaries(database, id),
    saveRefusal: async (code, { sequence, digest }) => {
      await database.query(
        'INSERT INTO list_refusal (arrangement_id, code, sequence, digest) VALUES ($1, $2, $3, $4)',
        [id, code, sequence ?? null, digest ?? null],
      );
    },
    countRefusals: async () => {
      const { rows } = await database.query<{ code: string; count: bigint }>(
        'SELECT code, count(*) AS count FROM list_refusal WHERE arrangement_id = $1 GROUP BY code ORDER BY code',
        [id],
      );
      return rows;
    },
  };
}
