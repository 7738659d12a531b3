import { common, exchangeStatus, registryStatus } from '@aeo/proto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createNodeState, type NodeState } from './node-state.ts';
import { restoreFromSnapshot, takeSnapshot, type SnapshotStore } from './snapshots.ts';

const { CertificateStatus, Direction, MatchOutcome, PartyRole, Purpose, TransportMode } = common;
const at = new Date('2026-06-01T12:00:00Z');
const scope = { direction: Direction.IMPORT, transportMode: TransportMode.SEA };
const owner = { administration: 'home', country: 'XA' };
const values = ['X', 'Y', 'Z'];
const operators = ['a', 'b', 'c'];
const purpose = Purpose.FISCAL_COMPLIANCE;
const silent = { info: () => undefined, warn: () => undefined };
const partitionOf = (operator: string) => operators.indexOf(operator) % 2;

const empty = () =>
  createNodeState({
    country: 'XA',
    partitions: { registry: 2, exchange: 2 },
    compile: () => () => ({ outcome: 'not_met', factsRead: [] }),
  });

function memoryStore(name = 'memory') {
  const held = { bytes: undefined as Buffer | undefined };
  const store: SnapshotStore = {
    name,
    read: () => {
      const { bytes } = held;
      // Frames lie across the borders of what is read at once.
      const chunks = async function* () {
        for (let start = 0; bytes !== undefined && start < bytes.length; start += 100)
          yield Promise.resolve(bytes.subarray(start, start + 100));
      };
      return Promise.resolve(bytes && { bytes: bytes.length, chunks: chunks() });
    },
    write: async (chunks) => {
      const parts: Buffer[] = [];
      for await (const chunk of chunks) parts.push(chunk);
      held.bytes = Buffer.concat(parts);
    },
  };
  return { store, held };
}

const positions = () => [
  {
    topic: 'registry.operator-status.v1',
    partition: 0,
    offset: 2n ** 60n,
    clusterId: 'c',
    timestampMs: 5,
  },
  { topic: 'risk.mandatory-rule.v1', partition: 0, offset: 9n, clusterId: 'c', timestampMs: null },
];
const take = (nodeState: NodeState, ...stores: SnapshotStore[]) =>
  takeSnapshot({ nodeState, owner, stores, positions, everyMs: 1_000, now: () => 1, log: silent });

type Step =
  | { kind: 'operator'; operator: string; number: number; values: string[]; suspended: boolean }
  | { kind: 'member'; operator: string; number: number; slots: { sequence: number; values: string[] }[] }
  | { kind: 'suspension'; operator: string; number: number; suspended: boolean }
  | { kind: 'marker'; partition: number; sequence: number; number: number; counts: [number, number] }
  | { kind: 'block'; key: string; partition: number };

const operator = fc.constantFrom(...operators);
const number = fc.integer({ min: 1, max: 4 });
const names = fc.uniqueArray(fc.constantFrom(...values), { maxLength: 2 });
const sequence = fc.integer({ min: 1, max: 2 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('operator' as const),
    operator,
    number,
    values: names,
    suspended: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('member' as const),
    operator,
    number,
    slots: fc.uniqueArray(fc.record({ sequence, values: names }), {
      selector: (slot) => slot.sequence,
      maxLength: 2,
    }),
  }),
  fc.record({ kind: fc.constant('suspension' as const), operator, number, suspended: fc.boolean() }),
  fc.record({
    kind: fc.constant('marker' as const),
    partition: fc.integer({ min: 0, max: 1 }),
    sequence,
    number,
    counts: fc.constantFrom<[number, number]>([2, 1], [2, 1], [1, 1], [2, 0]),
  }),
  fc
    .tuple(fc.constantFrom('', 'membership/a1/', 'suspension/a1/', 'activated/a1/'), operator)
    .map(([kind, id]) => {
      const partition = partitionOf(id);
      return {
        kind: 'block' as const,
        key: kind.startsWith('act') ? `${kind}${partition}` : kind + id,
        partition,
      };
    }),
);

/** A first list that is in force. */
const established: Step[] = [
  ...operators.map((each, index) => ({
    kind: 'member' as const,
    operator: each,
    number: 1,
    slots: [{ sequence: 1, values: values.slice(index, index + 1) }],
  })),
  ...[0, 1].map((partition) => ({
    kind: 'marker' as const,
    partition,
    sequence: 1,
    number: 1,
    counts: [2, 1] as [number, number],
  })),
];

const numbered = (value: number) => ({ epoch: 1n, number: BigInt(value) });
const identifiers = (country: string, named: string[]) =>
  named.map((value) => ({ scheme: 'test-id', country, value }));

function apply({ view }: NodeState, given: Step): void {
  switch (given.kind) {
    case 'operator':
      view.applyOperator(operatorOf(given));
      return;
    case 'block':
      if (given.key.includes('/')) view.blockPartner(given.key, given.partition);
      else view.blockOperator(given.key);
      return;
    case 'member':
    case 'suspension':
    case 'marker':
      view.applyPartner(
        partnerOf(given),
        given.kind === 'marker' ? given.partition : partitionOf(given.operator),
      );
  }
}

function operatorOf(given: Step & { kind: 'operator' }): registryStatus.OperatorStatus {
  const { ACTIVE, SUSPENDED } = CertificateStatus;
  return registryStatus.OperatorStatus.fromPartial({
    source: 'registry',
    operatorId: given.operator,
    version: numbered(given.number),
    identifiers: identifiers('XA', given.values).map((identifier) => ({ identifier })),
    components: [
      {
        component: 'c',
        status: given.suspended ? SUSPENDED : ACTIVE,
        purposes: [purpose],
        credits: [{ purpose, role: PartyRole.SELLER, sharePermille: 300 }],
        validated: true,
      },
    ],
  });
}

function partnerOf(given: Extract<Step, { kind: 'member' | 'suspension' | 'marker' }>) {
  const version = numbered(given.number);
  if (given.kind === 'marker') {
    const terms = {
      arrangementId: 'a1',
      version: 1,
      partnerCountry: 'XB',
      live: true,
      purposes: [purpose],
      credits: [{ purpose, role: PartyRole.SELLER, sharePermille: 300 }],
      directions: [Direction.IMPORT],
      transportModes: [TransportMode.SEA],
      recognisedTiers: ['t'],
    };
    const [first, second] = given.counts;
    const value = {
      arrangementId: 'a1',
      sequence: BigInt(given.sequence),
      count: BigInt(first + second),
      partitionCount: BigInt(given.counts[given.partition] ?? 0),
      version,
      terms,
    };
    return exchangeStatus.PartnerStatus.fromPartial({ record: { $case: 'activated', value } });
  }
  const about = { arrangementId: 'a1', partnerOperatorId: given.operator, version };
  if (given.kind === 'suspension') {
    const status = given.suspended ? CertificateStatus.SUSPENDED : CertificateStatus.ACTIVE;
    return exchangeStatus.PartnerStatus.fromPartial({
      record: { $case: 'suspension', value: { ...about, status } },
    });
  }
  const slots = given.slots.map((slot) => ({
    sequence: BigInt(slot.sequence),
    listed: slot.values.length > 0,
    tier: 't',
    status: CertificateStatus.ACTIVE,
    identifiers: identifiers('XB', slot.values),
  }));
  return exchangeStatus.PartnerStatus.fromPartial({
    record: { $case: 'membership', value: { ...about, slots } },
  });
}

const answers = ({ view }: NodeState) =>
  ['XA', 'XB'].flatMap((country) =>
    identifiers(country, values).map((identifier) =>
      view.match({ role: PartyRole.SELLER, identifier }, scope, at),
    ),
  );

test('a view that began with a snapshot answers as the one it was taken of, and goes on as that one does', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      fc.array(step, { maxLength: 20 }),
      async (before, after) => {
        const [one, other] = [empty(), empty()];
        for (const each of [...established, ...before]) apply(one, each);
        const { store } = memoryStore();
        await take(one, store);
        await restoreFromSnapshot({ nodeState: other, owner, stores: [store], log: silent });
        expect(answers(other)).toEqual(answers(one));
        for (const each of after) {
          apply(one, each);
          apply(other, each);
          expect(answers(other)).toEqual(answers(one));
        }
      },
    ),
    { numRuns: 100 },
  );
});

const status = (number: number, suspended = false): Step => ({
  kind: 'operator',
  operator: 'a',
  number,
  values: ['X'],
  suspended,
});
const outcomeOf = (nodeState: NodeState) => answers(nodeState)[0]?.[0]?.outcome;

test('a snapshot is of the moment it was taken at, whatever is applied while it is written', async () => {
  const nodeState = empty();
  apply(nodeState, status(1));
  const { store, held } = memoryStore();
  const writing = take(nodeState, store);
  apply(nodeState, status(2, true));
  await writing;
  expect(held.bytes).toBeDefined();
  const again = empty();
  await restoreFromSnapshot({ nodeState: again, owner, stores: [store], log: silent });
  expect(outcomeOf(nodeState)).toBe(MatchOutcome.SUSPENDED);
  expect(outcomeOf(again)).toBe(MatchOutcome.MATCHED);
});

test('no snapshot is saved while a key is blocked or released: its records would not release it when read again', async () => {
  const nodeState = empty();
  // More than is written at once.
  for (let count = 0; count < 3_000; count += 1)
    apply(nodeState, { kind: 'operator', operator: `o${count}`, number: 1, values: [], suspended: false });
  apply(nodeState, { kind: 'block', key: 'o2999', partition: 0 });
  const { store, held } = memoryStore();
  const writing = take(nodeState, store);
  apply(nodeState, { kind: 'operator', operator: 'o2999', number: 2, values: [], suspended: false });
  await writing;
  expect(held.bytes).toBeUndefined();
  await take(nodeState, store);
  expect(held.bytes).toBeDefined();
});

test('positions of the status topics and heartbeats come back as they were', async () => {
  const nodeState = empty();
  nodeState.freshness.heartbeat('registry', 0, 1_000);
  nodeState.freshness.heartbeat('registry', 1, 900);
  const { store } = memoryStore();
  await take(nodeState, store);
  const again = empty();
  expect(await restoreFromSnapshot({ nodeState: again, owner, stores: [store], log: silent })).toEqual([
    positions()[0],
  ]);
  expect(again.freshness.asOf('registry')).toBe(900);
  expect(again.freshness.asOf('exchange')).toBeUndefined();
});

test('a partition that was frozen keeps the snapshot before', async () => {
  const nodeState = empty();
  const { store, held } = memoryStore();
  await take(nodeState, store);
  const before = held.bytes;
  apply(nodeState, status(1));
  nodeState.freshness.freeze('registry', 0);
  await take(nodeState, store);
  expect(held.bytes).toBe(before);
});

const flipped = (bytes: Buffer, at: number) => {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
};
const replaced = (bytes: Buffer, from: string, to: string) =>
  Buffer.from(bytes.toString('latin1').replace(from, to), 'latin1');

test.each<[string, (bytes: Buffer) => Buffer, string | RegExp]>([
  ['with another byte in an operator', (bytes) => flipped(bytes, bytes.length - 60), /./],
  ['with another checksum', (bytes) => flipped(bytes, bytes.length - 1), 'its checksum is another'],
  ['cut short', (bytes) => bytes.subarray(0, bytes.length - 50), 'it is not whole'],
  ['that is empty', () => Buffer.alloc(0), 'it is not whole'],
  [
    'with something behind its end',
    (bytes) => Buffer.concat([bytes, Buffer.alloc(9)]),
    'something follows its end',
  ],
  ['of another format', (bytes) => replaced(bytes, '"format":1', '"format":2'), 'its format is 2'],
  [
    'of another administration',
    (bytes) => replaced(bytes, '"home"', '"hame"'),
    'it is of another administration',
  ],
  ['of another country', (bytes) => replaced(bytes, '"XA"', '"XC"'), 'it is of another country'],
])('a snapshot %s is refused with the reason and leaves nothing behind', async (_, damage, reason) => {
  const nodeState = empty();
  apply(nodeState, status(1));
  const { store, held } = memoryStore();
  await take(nodeState, store);
  held.bytes = damage(held.bytes!);
  const again = empty();
  const warnings: unknown[] = [];
  const log = {
    info: () => undefined,
    warn: (_message: string, fields: unknown) => void warnings.push(fields),
  };
  expect(await restoreFromSnapshot({ nodeState: again, owner, stores: [store], log })).toEqual([]);
  expect(warnings).toEqual([
    { at: 'memory', reason: typeof reason === 'string' ? reason : (expect.stringMatching(reason) as string) },
  ]);
  expect(outcomeOf(again)).toBe(MatchOutcome.NOT_ON_LIST);
});

test('a store without a usable snapshot is skipped for the next, which has a copy', async () => {
  const nodeState = empty();
  apply(nodeState, status(1));
  const [first, second] = [memoryStore('first'), memoryStore('second')];
  await take(nodeState, first.store, second.store);
  expect(second.held.bytes).toEqual(first.held.bytes);
  first.held.bytes = flipped(first.held.bytes!, 200);
  const again = empty();
  await restoreFromSnapshot({ nodeState: again, owner, stores: [first.store, second.store], log: silent });
  expect(outcomeOf(again)).toBe(MatchOutcome.MATCHED);
});
