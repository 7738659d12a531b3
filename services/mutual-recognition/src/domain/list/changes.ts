import { sameRow, type ListRow, type RowStatus } from './list.ts';

/** The row of an operator in a list; null where the list lacks the operator. */
export type Slot = { sequence: number; row: ListRow | null };

/** A partner operator as stored. At most two slots: the list in force and the next. */
export type PartnerOperator = {
  operatorId: string;
  version: bigint;
  slots: Slot[];
  suspensionVersion: bigint;
  /** `active` lifts an earlier suspension. */
  suspensionStatus: RowStatus;
  suspensionDecidedAt: string | null;
  suspensionEffectiveFrom: string | null;
  /** Absent from a list that has waited too long for a second person. */
  absenceUnanswered: boolean;
};

export type Changes = {
  /** Operators whose membership record has to be published. */
  memberships: PartnerOperator[];
  /** Operators whose suspension record has to be published, whatever becomes of the list. */
  suspensions: PartnerOperator[];
};

/**
 * The operators that a new list changes. An unchanged row keeps its slot, so that only changes are published; a
 * suspension has a separate record, which acts before the list does. Absence lifts no suspension: until the list is in
 * force the operator is still a member.
 */
export function changesOf(
  known: ReadonlyMap<string, PartnerOperator>,
  rows: readonly ListRow[],
  sequence: number,
): Changes {
  const changes: Changes = { memberships: [], suspensions: [] };
  const listed = new Set<string>();
  for (const row of rows) {
    listed.add(row.operatorId);
    const before = known.get(row.operatorId) ?? newOperator(row.operatorId);
    addChanges(changes, before, withSuspension(withMembership(before, row, sequence), row));
  }
  for (const operator of known.values()) {
    if (!listed.has(operator.operatorId))
      addChanges(changes, operator, withMembership(operator, null, sequence));
  }
  return changes;
}

const severity: Record<RowStatus, number> = { active: 0, expired: 1, suspended: 2, revoked: 3 };

/**
 * The suspensions and revocations that act at once, whether or not their list comes into force: those that make a
 * status worse. Such a list lifts nothing.
 */
export function suspensionsOf(
  known: ReadonlyMap<string, PartnerOperator>,
  rows: readonly ListRow[],
): Changes {
  const suspensions = new Map<string, PartnerOperator>();
  for (const row of rows) {
    const before = suspensions.get(row.operatorId) ?? known.get(row.operatorId);
    if (before === undefined || (row.status !== 'suspended' && row.status !== 'revoked')) continue;
    if (severity[row.status] > severity[before.suspensionStatus])
      suspensions.set(row.operatorId, withSuspension(before, row));
  }
  return { memberships: [], suspensions: [...suspensions.values()] };
}

function addChanges(changes: Changes, before: PartnerOperator, after: PartnerOperator): void {
  if (after.version !== before.version) changes.memberships.push(after);
  if (after.suspensionVersion !== before.suspensionVersion) changes.suspensions.push(after);
}

/** The list before is in force by now: a list is judged only once no activation is owed. */
function withMembership(before: PartnerOperator, row: ListRow | null, sequence: number): PartnerOperator {
  const present = before.slots.at(-1)?.row ?? null;
  const unchanged = row === null ? present === null : present !== null && sameRow(row, present);
  if (unchanged) return before;
  return {
    ...before,
    version: before.version + 1n,
    slots: [...before.slots.slice(-1), { sequence, row }],
  };
}

function withSuspension(before: PartnerOperator, row: ListRow): PartnerOperator {
  const { status, decidedAt, effectiveFrom } = row;
  const sameTimes =
    decidedAt === before.suspensionDecidedAt && effectiveFrom === before.suspensionEffectiveFrom;
  if (status === before.suspensionStatus && (status === 'active' || sameTimes)) return before;
  return {
    ...before,
    suspensionVersion: before.suspensionVersion + 1n,
    suspensionStatus: status,
    suspensionDecidedAt: decidedAt,
    suspensionEffectiveFrom: effectiveFrom,
  };
}

function newOperator(operatorId: string): PartnerOperator {
  return {
    operatorId,
    version: 0n,
    slots: [],
    suspensionVersion: 0n,
    suspensionStatus: 'active',
    suspensionDecidedAt: null,
    suspensionEffectiveFrom: null,
    absenceUnanswered: false,
  };
}
