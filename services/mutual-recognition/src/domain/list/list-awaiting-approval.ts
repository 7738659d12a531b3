import type { PartnerOperator } from './changes.ts';

/** A list that waits for a second person, or waited; `rows` is undefined once a later list has taken its place. */
export type ListAwaitingApproval<Rows> = {
  pulledBy: string;
  rows: Rows | undefined;
  decision: 'released' | 'refused' | undefined;
};

const answerWithinMs = 24 * 3_600_000;

/** The operators of a list that waits for a second person. */
export type WaitingMembers = { waitingSince: Date; operatorIds: ReadonlySet<string> };

/** The operators whose mark of an unanswered absence has to be set or removed. */
export function changedAbsenceMarks(
  operators: Iterable<PartnerOperator>,
  waiting: readonly WaitingMembers[],
  now: Date,
): string[] {
  return [...operators].flatMap(({ operatorId, slots, absenceUnanswered }) => {
    const listed = slots.at(-1)?.row != null;
    const unanswered = listed && isAbsenceUnanswered(operatorId, waiting, now);
    return unanswered === absenceUnanswered ? [] : [operatorId];
  });
}

/**
 * Whether an operator of the list in force no longer has a benefit from it: a list that lacks the operator has waited a
 * day for a second person, and no later list that waits names it again.
 *
 * @param waiting oldest first
 */
function isAbsenceUnanswered(operatorId: string, waiting: readonly WaitingMembers[], now: Date): boolean {
  const presentLast = waiting.findLastIndex(({ operatorIds }) => operatorIds.has(operatorId));
  const [oldestAbsence] = waiting.slice(presentLast + 1);
  return (
    oldestAbsence !== undefined && now.getTime() - oldestAbsence.waitingSince.getTime() >= answerWithinMs
  );
}

/** Why this person may not decide on the list; undefined where they may. */
export function objectionTo(
  waiting: ListAwaitingApproval<unknown> | undefined,
  person: string,
): 'NOT_FOUND' | 'OUT_OF_ORDER' | 'NOT_ALLOWED' | undefined {
  if (waiting === undefined) return 'NOT_FOUND';
  if (waiting.decision !== undefined || waiting.rows === undefined) return 'OUT_OF_ORDER';
  // Two persons: the one who pulled the list does not also release it.
  if (waiting.pulledBy === person) return 'NOT_ALLOWED';
  return undefined;
}
