import type { OutgoingRecord } from '../kafka.ts';
import type { Queryable } from '../postgres.ts';

type Row = {
  id: bigint;
  topic: string;
  partition: number;
  key: string;
  value: Buffer;
  headers: Record<string, string>;
  created_at: Date;
  waiting: bigint;
};

/**
 * The records of one partition that are sent together are one batch, and the broker refuses batches of more than a
 * megabyte: a round that is too large would be refused for ever and block all later rows.
 */
const roundBytesMax = 512 * 1024;

/** The oldest rows up to a number and a size; at least one row, since no row is too large. */
const oldest = {
  name: 'outbox-rows',
  text: `SELECT id, topic, partition, key, value, headers, created_at, waiting
         FROM (SELECT *, sum(bytes) OVER (ORDER BY id) AS bytes_so_far, row_number() OVER (ORDER BY id) AS place,
                 count(*) OVER () AS waiting
               FROM (SELECT *, octet_length(value) + octet_length(key) + octet_length(headers::text) AS bytes
                     FROM outbox ORDER BY id LIMIT $1) AS taken) AS summed
         WHERE place = 1 OR bytes_so_far <= ${roundBytesMax} ORDER BY id`,
};

const remove = { name: 'outbox-delete', text: 'DELETE FROM outbox WHERE id = ANY($1::bigint[])' };

export type Round = {
  published: number;
  /** More rows may wait, so the time up to which everything is published is not known yet. */
  full: boolean;
};

type RoundOptions = {
  limit: number;
  /** Fulfilled once every record is acknowledged; must be rejected once another relay may hold the lock. */
  send: (records: OutgoingRecord[]) => Promise<void>;
  /** When the oldest row known to wait was written. */
  waiting: { since: Date | undefined };
};

/** Everything runs on the session that holds the lock: without the lock there is no deletion. */
export async function publishRound(
  session: Queryable,
  { limit, send, waiting }: RoundOptions,
): Promise<Round> {
  const { rows } = await session.query<Row>(oldest, [limit]);
  const [first] = rows;
  if (first === undefined) return { published: 0, full: false };
  waiting.since = first.created_at;
  await send(rows.map(recordOf));
  waiting.since = undefined;
  await session.query(remove, [rows.map(({ id }) => String(id))]);
  return { published: rows.length, full: rows.length >= limit || rows.length < first.waiting };
}

function recordOf(row: Row): OutgoingRecord {
  const headers = { ...row.headers, 'occurred-at': row.created_at.toISOString() };
  return { topic: row.topic, partition: row.partition, key: row.key, value: row.value, headers };
}
