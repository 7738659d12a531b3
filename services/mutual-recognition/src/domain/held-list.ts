/** A list that waits for a second person, or waited; `rows` is undefined once a later list has taken its place. */
export type WaitingList<Rows> = {
  heldBy: string;
  rows: Rows | undefined;
  decision: 'released' | 'refused' | undefined;
};

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
