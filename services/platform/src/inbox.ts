import type { Transaction } from './postgres.ts';

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
