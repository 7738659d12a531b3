import type { Queryable, Transaction } from './postgres.ts';

/**
 * True the first time a consumer sees an event. Call it in the transaction of the effect: a redelivery then finds the
 * row, and a crash before the commit leaves neither.
 */
export async function onceOnly(
  transaction: Transaction,
  consumer: string,
  eventId: string,
): Promise<boolean> {
  const { rowCount } = await transaction.query(
    {
      name: 'inbox-insert',
      text: 'INSERT INTO inbox (consumer, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING',
    },
    [consumer, eventId],
  );
  return rowCount === 1;
}

const batchMax = 1_000;

const prune = {
  name: 'inbox-prune',
  text: `DELETE FROM inbox WHERE ctid = ANY (ARRAY(
           SELECT ctid FROM inbox WHERE seen_at < now() - interval '14 days' ORDER BY seen_at LIMIT ${batchMax}))`,
};

/**
 * Forgets some of the events that were seen more than 14 days ago: records come again within hours of their effect.
 * Only a group that has lost its offsets reads older ones once more. True when there may be more to forget.
 */
export async function pruneInbox(queryable: Queryable): Promise<boolean> {
  const { rowCount } = await queryable.query(prune);
  return rowCount === batchMax;
}
