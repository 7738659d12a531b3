import type { Database } from '@aeo/platform/postgres';
import type { OutboxBacklog } from '../ports.ts';

export function postgresOutboxBacklog(database: Database): OutboxBacklog {
  return {
    holdsMoreThan: async (rows) => {
      const { rowCount } = await database.query('SELECT 1 FROM outbox LIMIT $1', [rows + 1]);
      return rowCount > rows;
    },
    newestId: async () => {
      const { rows } = await database.query<{ last: bigint | null }>('SELECT max(id) AS last FROM outbox');
      return rows[0]?.last ?? 0n;
    },
    holdsUpTo: async (id) => {
      const { rowCount } = await database.query('SELECT 1 FROM outbox WHERE id <= $1 LIMIT 1', [String(id)]);
      return rowCount > 0;
    },
  };
}
