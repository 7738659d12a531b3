import { sameRow, type ListRow, type RowStatus } from './list.ts';

/** What a list says of an operator; `row` is null where it is absent. */
export type Slot = { sequence: number; row: ListRow | null };

/** A partner operator as stored. At most two slots: the list in force and the next. */
export type PartnerOperator = {
  operatorId: string;
  version: bigint;
  slots: Slot[];
  suspensionVersion: bigint;
  /** `active` lifts an earlier suspension. */
  suspensionStatus: RowStatus;
};

export type Changes = {
  /** Operators whose membership record has to be published. */
  memberships: PartnerOperator[];
  /** Operators whose suspension record has to be published, whatever becomes of the list. */
  suspensions: PartnerOperator[];
};

/**
 * The operators a new list changes. A row that is as it was keeps its slot, so that only what changed is published;
 * a suspension has a record of its own, which acts before the list does.
 */
export function changesOf(
  held: ReadonlyMap<string, PartnerOperator>,
  rows: readonly ListRow[],
  sequence: number,
): Changes {
  const changes: Changes = { memberships: [], suspensions: [] };
  const listed = new Set<string>();
  for (const row of rows) {
    listed.add(row.operatorId);
    note(changes, held.get(row.operatorId) ?? newcomer(row.operatorId), row, sequence);
  }
  for (const operator of held.values()) {
    if (!listed.has(operator.operatorId)) note(changes, operator, null, sequence);
  }
  return changes;
}

function note(changes: Changes, before: PartnerOperator, row: ListRow | null, sequence: number): void {
  const standing = before.slots.at(-1)?.row ?? null;
  const unchanged = row === null ? standing === null : standing !== null && sameRow(row, standing);
  if (unchanged) return;
  const status = row?.status ?? 'active';
  const suspends = status !== before.suspensionStatus;
  const after: PartnerOperator = {
    ...before,
    version: before.version + 1n,
    slots: [...before.slots.slice(-1), { sequence, row }],
    suspensionVersion: before.suspensionVersion + (suspends ? 1n : 0n),
    suspensionStatus: status,
  };
  changes.memberships.push(after);
  if (suspends) changes.suspensions.push(after);
}

function newcomer(operatorId: string): PartnerOperator {
  return { operatorId, version: 0n, slots: [], suspensionVersion: 0n, suspensionStatus: 'active' };
}
