/** A list that waits for a second person, or waited; `rows` is undefined once a later list has taken its place. */
export type WaitingList<Rows> = {
  heldBy: string;
  rows: Rows | undefined;
  decision: 'released' | 'refused' | undefined;
};

const answerWithinMs = 24 * 3_600_000;

/** A list that waits: since when, and whom it lists. */
export type WaitingAbsences = { heldAt: Date; operatorIds: ReadonlySet<string> };

/**
 * Whether an operator of the list in force counts no longer as the partner's word: a list that lacks it has waited a
 * day for a second person, and none that came since has it back.
 *
 * @param waiting oldest first
 */
export function isAbsenceUnanswered(
  operatorId: string,
  waiting: readonly WaitingAbsences[],
  now: Date,
): boolean {
  const presentLast = waiting.findLastIndex(({ operatorIds }) => operatorIds.has(operatorId));
  const [oldestAbsence] = waiting.slice(presentLast + 1);
  return oldestAbsence !== undefined && now.getTime() - oldestAbsence.heldAt.getTime() >= answerWithinMs;
}

/** Why this person may not decide on the list; undefined where they may. */
export function objectionTo(
  waiting: WaitingList<unknown> | undefined,
  person: string,
): 'NOT_FOUND' | 'OUT_OF_ORDER' | 'NOT_ALLOWED' | undefined {
  if (waiting === undefined) return 'NOT_FOUND';
  if (waiting.decision !== undefined || waiting.rows === undefined) return 'OUT_OF_ORDER';
  // Two persons: who took the list in does not also let it pass.
  if (waiting.heldBy === person) return 'NOT_ALLOWED';
  return undefined;
}
