import { describe, expect, test } from 'vitest';
import type { Arrangement } from './arrangement.ts';
import { digestOf, headerHash, type ListHeader, type ListRow } from './list.ts';
import { verifyList, type HeldList, type ReceivedList } from './verify-list.ts';

const now = new Date('2026-06-01T00:00:00Z');
const arrangement: Arrangement = {
  id: 'a1',
  version: 1,
  live: true,
  own: { administration: 'here', country: 'XA' },
  partner: { administration: 'there', country: 'XB' },
  purposes: [],
  credits: {},
  directions: [],
  transportModes: [],
  recognisedTiers: ['tier-1'],
  removals: { rows: 2, permille: 100 },
  listValidDays: 30,
};

const row = (operatorId: string, changes: Partial<ListRow> = {}): ListRow => ({
  operatorId,
  identifiers: [{ scheme: 'test-id', country: 'XB', value: operatorId.toUpperCase() }],
  tier: 'tier-1',
  component: 'compliance',
  status: 'active',
  ...{ validFrom: null, validUntil: null, decidedAt: null, effectiveFrom: null },
  ...changes,
});

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
const held: HeldList = { sequence: 1, headerHash: headerHash(first), listed: 3 };
const listedNow = new Set(rows.map(({ operatorId }) => operatorId));
const second = header({ sequence: 2, previousHash: headerHash(first) });

function verdict(changes: Partial<ReceivedList>, holding: HeldList | undefined = held) {
  const received = { header: second, rows, signatureValid: true, between: [], ...changes };
  return verifyList(received, holding, listedNow, arrangement, now);
}

const refused = (reason: string) => ({ kind: 'refused', reason });

describe('a list', () => {
  test('that follows on the one held is accepted, whatever the order of its rows', () => {
    expect(verdict({})).toEqual({ kind: 'accepted' });
    expect(verdict({ rows: rows.toReversed() })).toEqual({ kind: 'accepted' });
  });

  test('may be the first that is met, at any sequence', () => {
    const received = { header: header({ sequence: 7 }), rows, signatureValid: true, between: [] };
    expect(verifyList(received, undefined, new Set(), arrangement, now)).toEqual({ kind: 'accepted' });
  });

  test('that is the one held changes nothing', () => {
    expect(verdict({ header: first })).toEqual({ kind: 'unchanged' });
  });

  test('may skip lists whose headers link up', () => {
    const third = header({ sequence: 3, previousHash: headerHash(second) });
    expect(verdict({ header: third, between: [second] })).toEqual({ kind: 'accepted' });
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
    ['older than the one held', { header: header({ sequence: 0 }) }, 'SEQUENCE_REGRESSION'],
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

  test.each([
    [
      'an identifier of a third country',
      [row('p1', { identifiers: [{ scheme: 'test-id', country: 'XC', value: 'P' }] })],
    ],
    ['no identifier', [row('p1', { identifiers: [] })]],
    ['one operator twice', [row('p1'), row('p1')]],
  ])('with %s', (_, bad) => {
    const signed = header({ sequence: 2, previousHash: headerHash(first) }, bad);
    expect(verdict({ header: signed, rows: bad })).toEqual(refused('FIELD_FORMAT'));
  });

  test('when more operators are missing than may be removed at once', () => {
    const none = header({ sequence: 2, previousHash: headerHash(first) }, []);
    expect(verdict({ header: none, rows: [] })).toEqual(refused('REMOVALS_NEED_APPROVAL'));
    const one = header({ sequence: 2, previousHash: headerHash(first) }, rows.slice(0, 1));
    expect(verdict({ header: one, rows: rows.slice(0, 1) })).toEqual({ kind: 'accepted' });
  });
});
