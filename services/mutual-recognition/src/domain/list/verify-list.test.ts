import { describe, expect, test } from 'vitest';
import { arrangementOf, listRow as row } from '../../../../../tests/setup/partner-list.ts';
import { digestOf, headerHash, listValidUntil, type ListHeader, type ListRow } from './list.ts';
import { changesOf, type PartnerOperator } from './changes.ts';
import { judgeList, type LastAcceptedList, type PartnerState, type ReceivedList } from './verify-list.ts';

const now = new Date('2026-06-01T00:00:00Z');
const arrangement = arrangementOf({ removals: { rows: 2, permille: 100 } });

const badIdentifier = (changes: object) =>
  row('p1', { identifiers: [{ scheme: 'test-id', country: 'XB', value: 'P1', ...changes }] });

const rows = [row('p1'), row('p2'), row('p3')];

function header(changes: Partial<ListHeader> = {}, of: readonly ListRow[] = rows): ListHeader {
  return {
    issuer: 'there',
    arrangement: 'a1',
    sequence: 1,
    previousHash: '',
    count: of.length,
    digest: digestOf(of),
    issuedAt: '2026-05-31T00:00:00Z',
    validUntil: '2026-06-30T00:00:00Z',
    ...changes,
  };
}

const first = header();
const lastAccepted: LastAcceptedList = { sequence: 1, headerHash: headerHash(first), listed: 3 };
const operators = new Map<string, PartnerOperator>(
  changesOf(new Map(), rows, 1).memberships.map((operator) => [operator.operatorId, operator]),
);
const second = header({ sequence: 2, previousHash: headerHash(first) });
const secondOf = (of: readonly unknown[]) =>
  header({ sequence: 2, previousHash: headerHash(first), count: of.length, digest: digestOf(of) });

function judged(changes: Partial<ReceivedList>, known: Partial<PartnerState> = {}) {
  const received = { header: second, rows, signatureValid: true, headersBetween: [], ...changes };
  return judgeList(
    received,
    { lastAccepted, sameSequence: undefined, operators, ...known },
    arrangement,
    now,
  );
}

const verdict = (changes: Partial<ReceivedList>, known: Partial<PartnerState> = {}) =>
  judged(changes, known).verdict;
const suspended = ({ changes }: ReturnType<typeof judged>) =>
  changes.suspensions.map(({ operatorId, suspensionStatus }) => [operatorId, suspensionStatus]);

const refused = (reason: string) => ({ kind: 'refused', reason });

describe('a list', () => {
  test('that follows the last accepted one is accepted, whatever the order of its rows', () => {
    expect(verdict({})).toEqual({ kind: 'accepted' });
    expect(verdict({ rows: rows.toReversed() })).toEqual({ kind: 'accepted' });
  });

  test('may be the first, at any sequence', () => {
    const nothing = { lastAccepted: undefined, operators: new Map<string, PartnerOperator>() };
    expect(verdict({ header: header({ sequence: 7 }) }, nothing)).toEqual({ kind: 'accepted' });
  });

  test('that was accepted last changes nothing', () => {
    expect(verdict({ header: first })).toEqual({ kind: 'unchanged' });
  });

  test('may skip lists whose headers link up', () => {
    const third = header({ sequence: 3, previousHash: headerHash(second) });
    expect(verdict({ header: third, headersBetween: [second] })).toEqual({ kind: 'accepted' });
    expect(verdict({ header: third })).toEqual(refused('CHAIN_BROKEN'));
  });
});

describe('a list is refused', () => {
  test.each<[string, Partial<ReceivedList>, string]>([
    ['of a stranger', { header: header({ issuer: 'elsewhere' }) }, 'PARTNER_UNKNOWN'],
    ['of another arrangement', { header: header({ arrangement: 'a2' }) }, 'PARTNER_UNKNOWN'],
    ['whose signature does not verify', { signatureValid: false }, 'SIGNATURE_INVALID'],
    ['with a row less than signed', { rows: rows.slice(1) }, 'LIST_COUNT_MISMATCH'],
    ['with another row than signed', { rows: [row('p1'), row('p2'), row('p9')] }, 'LIST_DIGEST_MISMATCH'],
    ['older than the last accepted one', { header: header({ sequence: 0 }) }, 'SEQUENCE_REGRESSION'],
    [
      'signed twice for one sequence',
      { header: header({ issuedAt: '2026-05-30T00:00:00Z' }) },
      'EQUIVOCATION',
    ],
    ['that does not follow', { header: header({ sequence: 2, previousHash: 'other' }) }, 'CHAIN_BROKEN'],
    ['that is no longer valid', { header: { ...second, validUntil: '2026-05-31T12:00:00Z' } }, 'STALE'],
  ])('%s', (_, changes, reason) => {
    expect(verdict(changes)).toEqual(refused(reason));
  });

  test.each<[string, string, unknown[]]>([
    ['an identifier of a third country', 'rows.0.identifiers.0.country', [badIdentifier({ country: 'XC' })]],
    ['an identifier with a space', 'rows.0.identifiers.0.value', [badIdentifier({ value: 'P 1' })]],
    ['no identifier', 'rows.0.identifiers', [row('p1', { identifiers: [] })]],
    ['one operator twice', 'rows.1.operatorId', [row('p1'), row('p1')]],
    ['an unknown status', 'rows.1.status', [row('p1'), { ...row('p2'), status: 'friendly' }]],
    ['a character that cannot be stored', 'rows.0.tier', [row('p1', { tier: 'tier\0' })]],
    ['a component with markup', 'rows.0.component', [row('p1', { component: '<b>' })]],
    ['a field the digest does not cover', 'rows.0', [{ ...row('p1'), extra: 1 }]],
    ['a day that no calendar has', 'rows.0.validFrom', [row('p1', { validFrom: '2026-02-30T00:00:00Z' })]],
    ['nothing in it', 'rows.1', [row('p1'), null]],
  ])('with a row of %s, by its path', (_, path, bad) => {
    const more = [...bad, row('p8'), row('p9')];
    expect(verdict({ header: secondOf(more), rows: more })).toEqual({
      ...refused('LIST_ROW_UNUSABLE'),
      path,
    });
  });

  test('when its sequence waits under another header', () => {
    const seen = { headerHash: 'other', decision: undefined };
    expect(verdict({}, { sameSequence: seen })).toEqual(refused('EQUIVOCATION'));
  });

  test('when it promises to count longer than the arrangement lets a list count', () => {
    const old = { ...second, issuedAt: '2026-04-30T00:00:00Z', validUntil: '2027-01-01T00:00:00Z' };
    expect(verdict({ header: old })).toEqual(refused('STALE'));
  });
});

describe('a list that removes more operators than may go at once', () => {
  const none = { header: secondOf([]), rows: [] };

  test('waits for a second person, and comes into force once released', () => {
    expect(verdict(none)).toEqual({
      kind: 'awaiting_approval',
      reason: 'REMOVALS_NEED_APPROVAL',
      removed: 3,
    });
    const one = rows.slice(0, 1);
    expect(verdict({ header: secondOf(one), rows: one })).toEqual({ kind: 'accepted' });
    const released = judged({ ...none, approved: true });
    expect(released.verdict).toEqual({ kind: 'accepted' });
    expect(released.changes.memberships).toHaveLength(3);
  });

  test('is refused again after a second person refused it', () => {
    const seen = { headerHash: headerHash(none.header), decision: 'refused' as const };
    expect(verdict(none, { sameSequence: seen })).toEqual(refused('LIST_REJECTED'));
  });
});

describe('suspensions and revocations act at once', () => {
  const bad = [
    row('p1', { status: 'suspended' }),
    row('p2', { status: 'revoked' }),
    { ...row('p3'), tier: '' },
  ];
  const few = [row('p9', { status: 'suspended' }), row('p1', { status: 'suspended' })];
  const many = Array.from({ length: 20 }, (_, index) => row(`q${index}`));
  const known = {
    operators: new Map([
      ...operators,
      ...changesOf(new Map(), many, 1).memberships.map((each) => [each.operatorId, each] as const),
    ]),
  };

  test('of a list with a row that cannot be used', () => {
    const judgement = judged({ header: secondOf(bad), rows: bad });
    expect(judgement.verdict).toMatchObject({ reason: 'LIST_ROW_UNUSABLE', path: 'rows.2.tier' });
    expect(suspended(judgement)).toEqual([
      ['p1', 'suspended'],
      ['p2', 'revoked'],
    ]);
    expect(judgement.changes.memberships).toEqual([]);
  });

  test('of a list whose absences wait', () => {
    const judgement = judged({ header: secondOf(few), rows: few }, known);
    expect(judgement.verdict).toMatchObject({ kind: 'awaiting_approval' });
    expect(suspended(judgement)).toEqual([['p1', 'suspended']]);
    expect(judgement.changes.memberships).toEqual([]);
  });

  test.each<[string, Partial<ReceivedList>]>([
    ['signed with another key', { header: secondOf(bad), signatureValid: false }],
    ['that does not follow', { header: { ...secondOf(bad), previousHash: 'other' } }],
    ['of another count', { header: { ...secondOf(bad), count: 4 } }],
    ['of another digest', { header: { ...secondOf(bad), digest: 'other' } }],
  ])('but not of a list %s', (_, changes) => {
    expect(judged({ rows: bad, ...changes }).changes).toEqual({ memberships: [], suspensions: [] });
  });
});

test('a list counts no longer than the arrangement says, from its issue or its receipt', () => {
  const days = (count: number) => new Date(now.getTime() + count * 86_400_000);
  const until = (issued: number, valid: number) =>
    listValidUntil(
      header({ issuedAt: days(issued).toISOString(), validUntil: days(valid).toISOString() }),
      30,
      now,
    );
  expect(until(-1, 10)).toEqual(days(10));
  expect(until(-1, 90)).toEqual(days(29));
  expect(until(90, 400)).toEqual(days(30));
});
