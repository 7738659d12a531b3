import type { Transaction } from '@aeo/platform/postgres';
import { isAbsenceUnanswered, type WaitingAbsences } from '../domain/list/list-awaiting-approval.ts';
import { lockArrangement, publishChunk, type Publication } from './list-publication.postgres.ts';
import { newestList, readOperators } from './received-rows.postgres.ts';

/**
 * Marks the operators whose absence nobody has answered for too long, takes the mark from those of which that is true
 * no longer, and publishes the first of them; the rest is owed. While a list is being published it waits: the marks
 * stand on the list in force.
 *
 * @returns how many operators it changed
 */
export function markUnansweredAbsences(publication: Publication, now: Date): Promise<number> {
  const { database, arrangement } = publication;
  return database.transaction(async (transaction) => {
    await lockArrangement(transaction, arrangement.id);
    const held = await newestList(transaction, arrangement.id);
    if (held?.activated !== true) return 0;
    const changed = await changedMarks(transaction, arrangement.id, now);
    await transaction.query(
      `UPDATE partner_operator SET absence_unanswered = NOT absence_unanswered, version = version + 1,
         membership_owed = true
       WHERE arrangement_id = $1 AND partner_operator_id = ANY($2::text[])`,
      [arrangement.id, changed],
    );
    if (changed.length > 0) await publishChunk(publication, transaction);
    return changed.length;
  });
}

async function changedMarks(transaction: Transaction, id: string, now: Date): Promise<string[]> {
  const waiting = await waitingAbsences(transaction, id);
  if (waiting.length === 0 && !(await anyMarked(transaction, id))) return [];
  const operators = await readOperators(transaction, id);
  return [...operators.values()].flatMap(({ operatorId, slots, absenceUnanswered }) => {
    const listed = slots.at(-1)?.row != null;
    const unanswered = listed && isAbsenceUnanswered(operatorId, waiting, now);
    return unanswered === absenceUnanswered ? [] : [operatorId];
  });
}

async function waitingAbsences(transaction: Transaction, id: string): Promise<WaitingAbsences[]> {
  const { rows } = await transaction.query<{ held_at: Date; operator_ids: string[] }>(
    `SELECT held_at, ARRAY(SELECT jsonb_array_elements(rows)->>'operatorId') AS operator_ids
     FROM list_held WHERE arrangement_id = $1 AND rows IS NOT NULL ORDER BY sequence`,
    [id],
  );
  return rows.map(({ held_at, operator_ids }) => ({ heldAt: held_at, operatorIds: new Set(operator_ids) }));
}

async function anyMarked(transaction: Transaction, id: string): Promise<boolean> {
  const { rowCount } = await transaction.query(
    'SELECT 1 FROM partner_operator WHERE arrangement_id = $1 AND absence_unanswered LIMIT 1',
    [id],
  );
  return rowCount > 0;
}
