import fc from 'fast-check';
import { expect, test } from 'vitest';
import { listRow } from '../../../../../tests/setup/partner-list.ts';
import { changesOf, suspensionsOf, type PartnerOperator } from './changes.ts';
import type { ListRow, RowStatus } from './list.ts';

const row = (operatorId: string, status: RowStatus = 'active', tier = 'tier-1') =>
  listRow(operatorId, { status, tier });

function after(known: Map<string, PartnerOperator>, rows: ListRow[], sequence: number) {
  const changes = changesOf(known, rows, sequence);
  const next = new Map(known);
  for (const operator of [...changes.suspensions, ...changes.memberships])
    next.set(operator.operatorId, operator);
  return { changes, next };
}

test('only changed rows are published, each with the old slot and the new', () => {
  const first = after(new Map(), [row('p1'), row('p2')], 1);
  expect(first.changes.memberships.map(({ operatorId }) => operatorId)).toEqual(['p1', 'p2']);
  const second = after(first.next, [row('p1'), row('p2', 'active', 'tier-2')], 2);
  expect(second.changes.memberships).toMatchObject([
    { operatorId: 'p2', version: 2n, slots: [{ sequence: 1 }, { sequence: 2, row: { tier: 'tier-2' } }] },
  ]);
  expect(second.changes.suspensions).toEqual([]);
});

test('absence is a slot without a row; a suspension and its end have separate records', () => {
  const first = after(new Map(), [row('p1'), row('p2')], 1);
  const second = after(first.next, [row('p1', 'suspended')], 2);
  expect(second.changes.memberships.find(({ operatorId }) => operatorId === 'p2')?.slots.at(-1)).toEqual({
    sequence: 2,
    row: null,
  });
  expect(second.changes.suspensions).toMatchObject([
    { operatorId: 'p1', suspensionVersion: 1n, suspensionStatus: 'suspended' },
  ]);
  const third = after(second.next, [row('p1')], 3);
  expect(third.changes.suspensions).toMatchObject([{ suspensionVersion: 2n, suspensionStatus: 'active' }]);
});

test('a suspension from a list that is not in force acts, and a later list lifts it', () => {
  const first = after(new Map(), [row('p1'), row('p2')], 1);
  const early = suspensionsOf(first.next, [row('p1', 'suspended'), row('p2'), row('stranger', 'revoked')]);
  expect(early.memberships).toEqual([]);
  expect(early.suspensions).toMatchObject([
    { operatorId: 'p1', version: 1n, suspensionVersion: 1n, suspensionStatus: 'suspended' },
  ]);
  const known = new Map(first.next);
  for (const operator of early.suspensions) known.set(operator.operatorId, operator);
  expect(suspensionsOf(known, [row('p1')]).suspensions).toEqual([]);
  const next = after(known, [row('p1'), row('p2')], 3);
  expect(next.changes.memberships).toEqual([]);
  expect(next.changes.suspensions).toMatchObject([
    { operatorId: 'p1', suspensionVersion: 2n, suspensionStatus: 'active' },
  ]);
});

test('a list not in force makes no standing better: what is revoked stays so', () => {
  const first = after(new Map(), [row('p1', 'revoked')], 1);
  expect(suspensionsOf(first.next, [row('p1', 'suspended')]).suspensions).toEqual([]);
});

test('absence lifts no suspension, since the operator is a member until the list is in force', () => {
  const first = after(new Map(), [row('p1', 'suspended'), row('p2')], 1);
  const second = after(first.next, [row('p2')], 2);
  expect(second.changes.memberships.map(({ operatorId }) => operatorId)).toEqual(['p1']);
  expect(second.changes.suspensions).toEqual([]);
});

const anyList = fc.uniqueArray(
  fc.record({
    id: fc.constantFrom('p1', 'p2', 'p3'),
    status: fc.constantFrom<RowStatus>('active', 'suspended'),
  }),
  { selector: ({ id }) => id },
);

test('after any lists the newest slots are the newest list, and versions only rise', () => {
  fc.assert(
    fc.property(fc.array(anyList, { minLength: 1, maxLength: 6 }), (lists) => {
      let known = new Map<string, PartnerOperator>();
      lists.forEach((list, index) => {
        const rows = list.map(({ id, status }) => row(id, status));
        const { next } = after(known, rows, index + 1);
        for (const [id, operator] of next) {
          expect(operator.version >= (known.get(id)?.version ?? 0n)).toBe(true);
          expect(operator.slots.length).toBeLessThanOrEqual(2);
        }
        known = next;
      });
      const listed = [...known.values()].filter(({ slots }) => slots.at(-1)?.row !== null);
      expect(listed.map(({ operatorId }) => operatorId).toSorted()).toEqual(
        (lists.at(-1) ?? []).map(({ id }) => id).toSorted(),
      );
    }),
  );
});
