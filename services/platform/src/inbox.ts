import type { Queryable, Transaction } from './postgres.ts';

/**
 * True the first time a consumer receives an event. Call it in the transaction of the effect: a redelivery then finds
 * the row, and a crash before the commit leaves neither.
 */
export async function isFirstDelivery(
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

/**
 * How long the id of an event is kept. Topics whose records have an effect only once keep them for 30 days, and their
 * oldest segment for a week more: a group that has lost its offsets reads nothing older than that again.
 */
export const inboxKeptDays = 60;

const prune = {
  name: 'inbox-prune',
  text: `DELETE FROM inbox WHERE ctid = ANY (ARRAY(
           SELECT ctid FROM inbox WHERE seen_at < now() - interval '${inboxKeptDays} days' ORDER BY seen_at LIMIT ${batchMax}))`,
};

/** Deletes some of the events that cannot be delivered again. True when there may be more. */
export async function pruneInbox(queryable: Queryable): Promise<boolean> {
  const { rowCount } = await queryable.query(prune);
  return rowCount === batchMax;
}
