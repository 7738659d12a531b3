import { common, registryStatus } from '@aeo/proto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { identifierKey } from './identifier-index.ts';
import { operatorPacking } from './operator-packing.ts';
import { createPackedStore, type Packing } from './packed-store.ts';

const { CertificateStatus, PartyRole, Purpose, SizeClass } = common;

const text = fc.oneof(
  fc.uuid(),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ maxLength: 300 }),
);
const time = fc.option(fc.date({ noInvalidDate: true, min: new Date(-1e12), max: new Date(4e12) }), {
  nil: undefined,
});
const optional = <T>(held: fc.Arbitrary<T>) => fc.option(held, { nil: undefined });
const anyOf = <T extends number>(list: Record<string, T>) => fc.constantFrom(...Object.values(list));
const validity = optional(fc.record({ validFrom: time, validUntil: time }));
const identifier = fc.record({
  scheme: fc.constantFrom('eori', 'test-id'),
  country: fc.constantFrom('XA', 'XB'),
  value: text,
});
const credit = fc.record({
  purpose: anyOf(Purpose),
  role: anyOf(PartyRole),
  sharePermille: fc.nat(1_000),
});
const component: fc.Arbitrary<registryStatus.StatusComponent> = fc.record({
  component: text,
  certificateId: text,
  programmeId: text,
  programmeVersion: fc.nat(9),
  tier: text,
  status: anyOf(CertificateStatus),
  validity,
  validated: fc.boolean(),
  times: optional(fc.record({ decidedAt: time, notifiedAt: time, effectiveFrom: time, receivedAt: time })),
  purposes: fc.array(anyOf(Purpose), { maxLength: 3 }),
  credits: fc.array(credit, { maxLength: 3 }),
  conditions: fc.array(anyOf(common.BenefitCondition), { maxLength: 2 }),
  // Not kept: what partners may be told decides nothing at home.
  sharing: fc.constant(registryStatus.Sharing.UNSPECIFIED),
  sharedWith: fc.constant([]),
});
const status: fc.Arbitrary<registryStatus.OperatorStatus> = fc.record({
  source: fc.constant('registry'),
  operatorId: text,
  sizeClass: anyOf(SizeClass),
  erased: fc.boolean(),
  version: optional(fc.record({ epoch: fc.bigInt(0n, 2n ** 63n), number: fc.bigInt(0n, 2n ** 63n) })),
  identifiers: fc.array(fc.record({ identifier: optional(identifier), validity }), { maxLength: 3 }),
  components: fc.array(component, { maxLength: 3 }),
  publishedAt: fc.constant(undefined),
});

test('a packed status is unpacked unchanged', () => {
  fc.assert(
    fc.property(fc.array(status, { maxLength: 20 }), (statuses) => {
      const store = createPackedStore(operatorPacking());
      for (const each of statuses) store.put(each);
      const last = new Map(statuses.map((each) => [each.operatorId, each]));
      expect(store.size()).toBe(last.size);
      for (const [operatorId, each] of last) expect(store.get(operatorId)).toEqual(each);
    }),
  );
});

test('only the sharing rule of a status is left out when packed', () => {
  const { ALL, UNSPECIFIED } = registryStatus.Sharing;
  const component = { tier: 't', sharing: ALL, sharedWith: ['a'] };
  const told = registryStatus.OperatorStatus.fromPartial({ operatorId: 'a', components: [component] });
  const store = createPackedStore(operatorPacking());
  store.put(told);
  const [held] = store.get('a')!.components;
  expect(held).toMatchObject({ tier: 't', sharing: UNSPECIFIED, sharedWith: [] });
});

test('a record of a later contract version is stored as received', () => {
  const known = registryStatus.OperatorStatus.fromPartial({ operatorId: 'a', components: [{ tier: 't' }] });
  const later = Buffer.concat([
    registryStatus.OperatorStatus.encode(known).finish(),
    Buffer.from([0xa2, 0x06, 2, 104, 105]),
  ]);
  const store = createPackedStore(operatorPacking());
  store.put(registryStatus.OperatorStatus.decode(later));
  const held = registryStatus.OperatorStatus.encode(store.get('a')!).finish();
  expect(Buffer.from(held)).toEqual(later);
});

type Row = { key: string; claims: string[]; size: number };

/** Claims and sizes are chosen so that records move and hash tables grow and lose entries. */
const rows: Packing<Row> = {
  keyOf: ({ key }) => key,
  claimsOf: ({ claims }) => claims,
  write({ claims, size }, to) {
    to.number(claims.length);
    for (const claim of claims) to.text(claim);
    to.text('x'.repeat(size));
  },
  read: (key, from) => ({
    key,
    claims: Array.from({ length: from.number() }, () => from.text()),
    size: from.text().length,
  }),
};

const row: fc.Arbitrary<Row> = fc.record({
  key: fc.nat(60).map((number) => `key ${number}`),
  claims: fc.array(
    fc.nat(30).map((number) => `claim ${number}`),
    { maxLength: 4 },
  ),
  size: fc.constantFrom(0, 1, 50, 1_100, 2_000),
});

test('after any puts each record is found by its key and by what it claims last, and by nothing else', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 300 }), (puts) => {
      const store = createPackedStore(rows);
      for (const each of puts) store.put(each);
      const last = new Map(puts.map((each) => [each.key, each]));
      const byKey = (found: Iterable<Row>) => [...found].sort((a, b) => (a.key < b.key ? -1 : 1));
      expect(byKey(store.values())).toEqual(byKey(last.values()));
      for (let number = 0; number <= 30; number += 1) {
        const claim = `claim ${number}`;
        const expected = [...last.values()].filter(({ claims }) => claims.includes(claim));
        expect(byKey(store.claimants(claim))).toEqual(byKey(expected));
      }
    }),
    { numRuns: 60 },
  );
});

test('many operators are distinguished, and released space is reused', () => {
  const store = createPackedStore(operatorPacking());
  const of = (index: number, tier: string) =>
    registryStatus.OperatorStatus.fromPartial({
      operatorId: `operator-${index}`,
      components: [{ tier }],
      identifiers: [{ identifier: { scheme: 's', country: 'XA', value: `V${index}` } }],
    });
  for (const tier of ['one', 'two, which is longer', 'one'])
    for (let index = 0; index < 5_000; index += 1) store.put(of(index, tier));
  expect(store.size()).toBe(5_000);
  for (const index of [0, 1, 2_500, 4_999]) {
    const asked = identifierKey({ scheme: 's', country: 'XA', value: `V${index}` });
    expect(store.claimants(asked).map(({ operatorId }) => operatorId)).toEqual([`operator-${index}`]);
  }
  expect(store.claimants(identifierKey({ scheme: 's', country: 'XA', value: 'V5000' }))).toEqual([]);
});
