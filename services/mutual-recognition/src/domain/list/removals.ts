import type { Arrangement } from '../arrangement/arrangement.ts';
import type { Changes, PartnerOperator } from './changes.ts';
import type { ListRow } from './list.ts';

/**
 * How many removals pass without a second person. Absence is a removal: a mistake of the partner must not end the
 * benefits of its traders.
 */
export function removalsMost({ removals }: Arrangement, listed: number): number {
  return Math.max(removals.rows, (listed * removals.permille) / 1000);
}

/**
 * How many operators in good standing a list suspends or revokes, where that is more than the arrangement lets go
 * without a second person; they act all the same, but an officer should ask the partner. 0 otherwise.
 */
export function countAlarmingSuspensions(
  { suspensions }: Changes,
  operators: ReadonlyMap<string, PartnerOperator>,
  arrangement: Arrangement,
): number {
  const isStopped = ({ suspensionStatus }: PartnerOperator) =>
    suspensionStatus === 'suspended' || suspensionStatus === 'revoked';
  const count = suspensions.filter((after) => {
    const before = operators.get(after.operatorId);
    return before !== undefined && isStopped(after) && !isStopped(before);
  }).length;
  return count > removalsMost(arrangement, countRemovals([], operators).listed) ? count : 0;
}

/** How many operators are listed in the list in force, and how many of them the rows lack. */
export function countRemovals(
  rows: readonly ListRow[],
  operators: ReadonlyMap<string, PartnerOperator>,
): { listed: number; removed: number } {
  const kept = new Set(rows.map(({ operatorId }) => operatorId));
  const listed = [...operators.values()].filter(({ slots }) => slots.at(-1)?.row != null);
  const removed = listed.filter(({ operatorId }) => !kept.has(operatorId));
  return { listed: listed.length, removed: removed.length };
}
