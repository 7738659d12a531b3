import { common, exchangeStatus } from '@aeo/proto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createStatusView, type StatusView } from './status-view.ts';

const { CertificateStatus, Direction, MatchOutcome, PartyRole, Purpose, TransportMode } = common;
const at = new Date('2026-06-01T12:00:00Z');
const scope = { direction: Direction.IMPORT, transportMode: TransportMode.SEA };
const purpose = Purpose.FISCAL_COMPLIANCE;
const operators = ['a', 'b', 'c'];
const values = ['X', 'Y', 'Z'];
const identifier = (value: string) => ({ scheme: 'test-id', country: 'XB', value });

/** Operator → the values of its identifiers; an operator that is not named is absent. */
type List = Record<string, string[]>;

const terms = {
  arrangementId: 'a1',
  version: 1,
  partnerCountry: 'XB',
  live: true,
  purposes: [purpose],
  credits: [{ purpose, role: PartyRole.SELLER, sharePermille: 300 }],
  directions: [Direction.IMPORT],
  transportModes: [TransportMode.SEA],
  recognisedTiers: ['tier-1'],
};

function slot(list: List, operator: string, sequence: bigint) {
  const named = list[operator];
  if (named === undefined) return { sequence, listed: false };
  const status = CertificateStatus.ACTIVE;
  return { sequence, listed: true, tier: 'tier-1', status, identifiers: named.map(identifier) };
}

function sendMember(view: StatusView, operator: string, number: bigint, lists: List[]): void {
  const newest = lists.findLast((list) => list[operator] !== undefined)?.[operator] ?? [];
  const value = {
    arrangementId: 'a1',
    partnerOperatorId: operator,
    version: { epoch: 1n, number },
    identifiers: newest.map(identifier),
    slots: lists.map((list, index) => slot(list, operator, BigInt(index + 1))),
  };
  const record = exchangeStatus.PartnerStatus.fromPartial({ record: { $case: 'membership', value } });
  view.applyPartner(record, operators.indexOf(operator) % 2);
}

function activate(view: StatusView, list: List, sequence: bigint, partition: number): void {
  const listed = operators.filter((operator) => list[operator] !== undefined);
  const here = listed.filter((operator) => operators.indexOf(operator) % 2 === partition);
  const value = {
    arrangementId: 'a1',
    sequence,
    count: BigInt(listed.length),
    partitionCount: BigInt(here.length),
    version: { epoch: 1n, number: sequence },
    terms,
  };
  const record = exchangeStatus.PartnerStatus.fromPartial({ record: { $case: 'activated', value } });
  view.applyPartner(record, partition);
}

/** Who each identifier leads to, as the list alone would say. */
function expected(list: List): string[] {
  return values.map((value) => {
    const claimants = operators.filter((operator) => list[operator]?.includes(value) === true);
    if (claimants.length > 1) return 'ambiguous';
    return claimants[0] ?? 'none';
  });
}

function told(view: StatusView): string[] {
  return values.map((value) => {
    const found = view.match({ role: PartyRole.SELLER, identifier: identifier(value) }, scope, at)[0];
    if (found?.outcome === MatchOutcome.AMBIGUOUS) return 'ambiguous';
    return found?.outcome === MatchOutcome.MATCHED ? found.operatorId : 'none';
  });
}

function viewOf(list: List): StatusView {
  const view = createStatusView('XA', 2);
  for (const operator of operators) sendMember(view, operator, 1n, [list]);
  activate(view, list, 1n, 0);
  activate(view, list, 1n, 1);
  return view;
}

test('an identifier that changes hands goes over with the list, not before', () => {
  const [before, after]: [List, List] = [
    { a: ['X'], b: ['Y'] },
    { a: ['Z'], b: ['X'] },
  ];
  const view = viewOf(before);
  sendMember(view, 'a', 2n, [before, after]);
  sendMember(view, 'b', 2n, [before, after]);
  expect(told(view)).toEqual(['a', 'b', 'none']);
  activate(view, after, 2n, 0);
  expect(told(view)).toEqual(['a', 'b', 'none']);
  activate(view, after, 2n, 1);
  expect(told(view)).toEqual(['b', 'none', 'a']);
});

test('an identifier that two members of a list claim leads to neither', () => {
  expect(told(viewOf({ a: ['X'], b: ['X', 'Y'] }))).toEqual(['ambiguous', 'b', 'none']);
});

test('identifiers of a record whose slots name none hold for both slots', () => {
  const view = createStatusView('XA', 1);
  const value = {
    arrangementId: 'a1',
    partnerOperatorId: 'a',
    version: { epoch: 1n, number: 1n },
    identifiers: [identifier('X')],
    slots: [{ sequence: 1n, listed: true, tier: 'tier-1', status: CertificateStatus.ACTIVE }],
  };
  view.applyPartner(exchangeStatus.PartnerStatus.fromPartial({ record: { $case: 'membership', value } }), 0);
  activate(view, { a: [] }, 1n, 0);
  expect(told(view)).toEqual(['a', 'none', 'none']);
});

const anyList: fc.Arbitrary<List> = fc.dictionary(
  fc.constantFrom(...operators),
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 }),
);

/** Each partition keeps its order, members before their activation; between partitions any order may come. */
const anyArrival: fc.Arbitrary<string[]> = fc
  .tuple(
    fc.shuffledSubarray(['a', 'c'], { minLength: 2 }),
    fc.shuffledSubarray([0, 0, 0, 1, 1], { minLength: 5 }),
  )
  .map(([members, order]) => {
    const partitions = [
      [...members, '0'],
      ['b', '1'],
    ];
    return order.map((partition) => partitions[partition]?.shift() ?? '');
  });

test('whatever has arrived of the next list, answers are of one list whole', () => {
  fc.assert(
    fc.property(anyList, anyList, anyArrival, (before, after, arrival) => {
      const view = viewOf(before);
      arrival.forEach((each, index) => {
        if (operators.includes(each)) sendMember(view, each, 2n, [before, after]);
        else activate(view, after, 2n, Number(each));
        expect(told(view)).toEqual(expected(index === arrival.length - 1 ? after : before));
      });
    }),
  );
});
