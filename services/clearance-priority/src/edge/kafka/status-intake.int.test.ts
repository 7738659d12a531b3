import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kafka, Producer } from '@aeo/platform/kafka';
import { connectCache } from '@aeo/platform/redis';
import { stopAll, type Stoppable } from '@aeo/platform/lifecycle';
import { common, exchangeStatus, registryStatus, topics } from '@aeo/proto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { eventually } from '../../../../../tests/setup/eventually.ts';
import { connectTestKafka } from '../../../../../tests/setup/stack/kafka.ts';
import { fileSnapshots } from '../../adapters/snapshot.file.ts';
import { redisSnapshots } from '../../adapters/snapshot.redis.ts';
import { broadcastTopics } from './status-records.ts';
import { createSuspensionIndex } from '../../domain/status-view/suspension-index.ts';
import { createNodeState, type NodeState } from '../../application/status-view/node-state.ts';
import type { SnapshotStore } from '../../application/status-view/snapshots.ts';
import { startStatusIntake } from './status-intake.ts';

const { CertificateStatus, Direction, MatchOutcome, PartyRole, Purpose, TransportMode } = common;
const stack = inject('stack');
const purpose = Purpose.FISCAL_COMPLIANCE;
const folder = mkdtempSync(join(tmpdir(), 'snapshots-'));
let administration: string;
let kafka: Kafka;
let producer: Producer;

async function openAdministration(): Promise<void> {
  administration = `test-${randomUUID()}`;
  kafka = await connectTestKafka(stack.kafkaBrokers, { administration });
  await kafka.ensureTopics(broadcastTopics);
  producer = await kafka.producer();
}

async function closeAdministration(): Promise<void> {
  await producer.stop();
  await kafka.stop();
}

// Each test on topics of its own.
beforeEach(openAdministration);
afterEach(closeAdministration);
const cache = connectCache({
  url: stack.redisUrl,
  administration: 'test',
  namespace: randomUUID(),
  timeoutMs: 2_000,
});
beforeAll(() => cache.connected(5_000));
afterAll(async () => {
  await cache.stop();
  rmSync(folder, { recursive: true });
});

type Node = { nodeState: NodeState; read: string[]; told: unknown[]; stop: () => Promise<void> };

const fileStore = (name: string) => fileSnapshots(join(folder, name));
const fileOf = (name: string) => join(folder, name, 'status-view.snapshot');

/** A node's view, with what it has read from the topics and what it said of its snapshot. */
async function startNode(...stores: SnapshotStore[]): Promise<Node> {
  const nodeState = createNodeState({
    country: 'XA',
    partitions: { registry: topics.operatorStatus.partitions, exchange: topics.partnerStatus.partitions },
    compile: () => () => ({ outcome: 'not_met', factsRead: [] }),
  });
  const read: string[] = [];
  const told: unknown[] = [];
  const quiet = () => undefined;
  const parts: Stoppable[] = await startStatusIntake({
    kafka: {
      broadcast: (options) =>
        kafka.broadcast({
          ...options,
          onRecord: (record) => {
            read.push(record.key);
            options.onRecord(record);
          },
        }),
    },
    nodeState,
    changed: new Set(),
    suspensions: createSuspensionIndex(2_000),
    owner: { administration, country: 'XA' },
    snapshots: { everyMs: 60_000, stores, parts: [] },
    logger: {
      debug: quiet,
      error: quiet,
      info: quiet,
      warn: (_message, fields) => void told.push(fields?.['reason']),
    },
  });
  const stop = async () => {
    expect((await stopAll(parts)).failed).toEqual([]);
  };
  return { nodeState, read, told, stop };
}

const versionOf = (number: number, epoch = 1) => ({ epoch: BigInt(epoch), number: BigInt(number) });

function operator(
  operatorId: string,
  version: common.StatusVersion,
  status: common.CertificateStatus = CertificateStatus.ACTIVE,
  value = 'X',
) {
  const message = registryStatus.OperatorStatus.fromPartial({
    source: 'registry',
    operatorId,
    version,
    identifiers: [{ identifier: { scheme: 'test-id', country: 'XA', value } }],
    components: [
      {
        component: 'c',
        status,
        purposes: [purpose],
        validated: true,
        credits: [{ purpose, role: PartyRole.SELLER, sharePermille: 300 }],
      },
    ],
  });
  const bytes = registryStatus.OperatorStatus.encode(message).finish();
  return { topic: topics.operatorStatus.name, key: operatorId, value: bytes, headers: {} };
}

type PartnerRecord = Parameters<typeof exchangeStatus.PartnerStatus.fromPartial>[0]['record'];

function partner(key: string, record: PartnerRecord, partition: number) {
  const value = exchangeStatus.PartnerStatus.encode(
    exchangeStatus.PartnerStatus.fromPartial({ record }),
  ).finish();
  return { topic: topics.partnerStatus.name, key, value, partition, headers: {} };
}

/** A partner's operator, listed in every list from this one on. */
function member(id: string, partition: number, sequence: number) {
  const slot = { sequence: BigInt(sequence), listed: true, tier: 't', status: CertificateStatus.ACTIVE };
  const identifiers = [{ scheme: 'test-id', country: 'XB', value: id }];
  const value = {
    arrangementId: 'a1',
    partnerOperatorId: id,
    version: versionOf(1),
    slots: [{ ...slot, identifiers }],
  };
  return partner(`membership/a1/${id}`, { $case: 'membership', value }, partition);
}

function marker(partition: number, sequence: number, counts: readonly number[]) {
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
  const count = counts.reduce((sum, each) => sum + each, 0);
  const value = {
    arrangementId: 'a1',
    sequence: BigInt(sequence),
    count: BigInt(count),
    terms,
    partitionCount: BigInt(counts[partition] ?? 0),
    version: versionOf(sequence),
  };
  return partner(`activated/a1/${partition}`, { $case: 'activated', value }, partition);
}

function match({ nodeState }: Node, value: string, country = 'XA') {
  const scope = { direction: Direction.IMPORT, transportMode: TransportMode.SEA };
  const party = { role: PartyRole.SELLER, identifier: { scheme: 'test-id', country, value } };
  return nodeState.view.match(party, scope, new Date())[0];
}

const outcome = (node: Node, value: string, country = 'XA') => match(node, value, country)?.outcome;

/** Starts a node that reads everything, and stops it, which leaves a snapshot. */
async function leaveSnapshot(...stores: SnapshotStore[]): Promise<void> {
  await (await startNode(...stores)).stop();
}

test('a node begins with its snapshot and reads only what came later', async () => {
  await producer.send([
    operator('a', versionOf(1)),
    operator('b', versionOf(1), CertificateStatus.ACTIVE, 'Y'),
  ]);
  const first = await startNode(fileStore('own'));
  expect(first.read.toSorted()).toEqual(['a', 'b']);
  await first.stop();
  await producer.send([operator('b', versionOf(2), CertificateStatus.SUSPENDED, 'Y')]);
  const second = await startNode(fileStore('own'));
  expect(second.told).toEqual([]);
  expect(second.read).toEqual(['b']);
  expect(outcome(second, 'X')).toBe(MatchOutcome.MATCHED);
  expect(outcome(second, 'Y')).toBe(MatchOutcome.SUSPENDED);
  await second.stop();
});

const changed = (name: string, change: (bytes: Buffer) => Buffer) =>
  writeFileSync(fileOf(name), change(readFileSync(fileOf(name))));
/** Puts other text of the same length in, and the checksum that goes with it. */
function rewrite(name: string, from: string | RegExp, to: string): void {
  const [endBytes, endPrefixBytes] = [37, 5];
  changed(name, (bytes) => {
    const text = bytes.subarray(0, -endBytes).toString('latin1').replaceAll(from, to);
    const body = Buffer.from(text, 'latin1');
    const prefix = bytes.subarray(-endBytes, endPrefixBytes - endBytes);
    return Buffer.concat([body, prefix, createHash('sha256').update(body).digest()]);
  });
}

const otherByte = (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -1), Buffer.from([bytes.at(-1)! ^ 1])]);

test.each<[string, string, (name: string) => void]>([
  ['of another cluster', 'it is of another cluster', (name) => rewrite(name, /(?<="clusterId":")./g, '~')],
  ['that is ahead of the topic', 'an offset is out of range', () => undefined],
  ['of another administration', 'it is of another administration', () => undefined],
  ['that is damaged', 'its checksum is another', (name) => changed(name, otherByte)],
  ['that is cut short', 'it is not whole', (name) => changed(name, (bytes) => bytes.subarray(0, -9))],
])('a snapshot %s is refused, forgotten, and the view rebuilt', async (name, reason, spoil) => {
  // On one partition, so that there is one reason to tell.
  const here = { partition: 0 };
  await producer.send([{ ...operator('ghost', versionOf(1), CertificateStatus.ACTIVE, 'G'), ...here }]);
  await producer.send([{ ...operator('a', versionOf(9)), ...here }]);
  await leaveSnapshot(fileStore(name));
  const before = administration;
  await closeAdministration();
  await openAdministration();
  if (reason !== 'it is of another administration') rewrite(name, before, administration);
  await producer.send([{ ...operator('a', versionOf(2), CertificateStatus.SUSPENDED), ...here }]);
  spoil(name);
  const node = await startNode(fileStore(name));
  expect(node.told).toEqual([reason]);
  expect(node.read).toEqual(['a']);
  expect(outcome(node, 'G')).toBe(MatchOutcome.NOT_ON_LIST);
  expect(outcome(node, 'X')).toBe(MatchOutcome.SUSPENDED);
  await node.stop();
});

test('a node without its disk begins with the copy in Redis, and a copy that is too large is not made', async () => {
  await producer.send([operator('a', versionOf(1))]);
  const settings = { bytesMax: 10_000, freshMs: 0, now: () => Date.now() };
  await leaveSnapshot(fileStore('with-copy'), redisSnapshots(cache, { ...settings, bytesMax: 10 }));
  const without = await startNode(fileStore('new-disk-1'), redisSnapshots(cache, settings));
  expect(without.read).toEqual(['a']);
  await without.stop();
  const node = await startNode(fileStore('new-disk-2'), redisSnapshots(cache, settings));
  expect(node.read).toEqual([]);
  expect(outcome(node, 'X')).toBe(MatchOutcome.MATCHED);
  await node.stop();
});

test('an older version never wins, over a snapshot either, and a raised epoch does', async () => {
  await producer.send([
    operator('a', versionOf(5), CertificateStatus.SUSPENDED),
    operator('a', versionOf(4)),
  ]);
  const first = await startNode(fileStore('fence'));
  expect(outcome(first, 'X')).toBe(MatchOutcome.SUSPENDED);
  await first.stop();
  await producer.send([operator('a', versionOf(3)), operator('a', versionOf(5))]);
  const second = await startNode(fileStore('fence'));
  expect(second.read).toEqual(['a', 'a']);
  expect(outcome(second, 'X')).toBe(MatchOutcome.SUSPENDED);
  await producer.send([operator('a', versionOf(1, 2))]);
  await eventually(() => expect(outcome(second, 'X')).toBe(MatchOutcome.MATCHED));
  await second.stop();
});

test('two operators that claim one identifier are ambiguous, after a snapshot too, until one lets it go', async () => {
  await producer.send([operator('a', versionOf(1)), operator('b', versionOf(1))]);
  const first = await startNode(fileStore('claims'));
  expect(outcome(first, 'X')).toBe(MatchOutcome.AMBIGUOUS);
  await first.stop();
  const second = await startNode(fileStore('claims'));
  expect(second.read).toEqual([]);
  expect(outcome(second, 'X')).toBe(MatchOutcome.AMBIGUOUS);
  await producer.send([operator('b', versionOf(2), CertificateStatus.ACTIVE, 'Y')]);
  await eventually(() => expect(outcome(second, 'X')).toBe(MatchOutcome.MATCHED));
  await second.stop();
});

test('a list comes into force with the marker of the last partition, whatever restarts come between', async () => {
  await producer.send([member('m0', 0, 1), member('m1', 1, 1)]);
  await producer.send([0, 1, 2, 3].map((partition) => marker(partition, 1, [1, 1, 0, 0])));
  const first = await startNode(fileStore('list'));
  expect(match(first, 'm0', 'XB')).toMatchObject({ outcome: MatchOutcome.MATCHED, listSequence: 1n });
  await producer.send([
    member('m2', 2, 2),
    ...[0, 1, 3].map((partition) => marker(partition, 2, [1, 1, 1, 0])),
  ]);
  await eventually(() => expect(first.read.filter((key) => key.startsWith('activated'))).toHaveLength(7));
  expect(match(first, 'm0', 'XB')).toMatchObject({ listSequence: 1n });
  expect(outcome(first, 'm2', 'XB')).toBe(MatchOutcome.NOT_ON_LIST);
  await first.stop();
  const second = await startNode(fileStore('list'));
  expect(second.read).toEqual([]);
  expect(match(second, 'm0', 'XB')).toMatchObject({ outcome: MatchOutcome.MATCHED, listSequence: 1n });
  expect(outcome(second, 'm2', 'XB')).toBe(MatchOutcome.NOT_ON_LIST);
  await producer.send([marker(2, 2, [1, 1, 1, 0])]);
  await eventually(() => expect(match(second, 'm0', 'XB')).toMatchObject({ listSequence: 2n }));
  expect(outcome(second, 'm2', 'XB')).toBe(MatchOutcome.MATCHED);
  await second.stop();
});

test('markers whose counts disagree with the members leave the old list in force', async () => {
  await producer.send([
    member('m0', 0, 1),
    ...[0, 1, 2, 3].map((partition) => marker(partition, 1, [1, 0, 0, 0])),
  ]);
  const node = await startNode(fileStore('counts'));
  expect(match(node, 'm0', 'XB')).toMatchObject({ listSequence: 1n });
  await producer.send([0, 1, 2, 3].map((partition) => marker(partition, 2, [1, 1, 0, 0])));
  await eventually(() => expect(node.read.filter((key) => key.startsWith('activated'))).toHaveLength(8));
  expect(match(node, 'm0', 'XB')).toMatchObject({ outcome: MatchOutcome.MATCHED, listSequence: 1n });
  await producer.send([member('m1', 1, 2)]);
  await eventually(() => expect(match(node, 'm0', 'XB')).toMatchObject({ listSequence: 2n }));
  await node.stop();
});

test('a key whose record cannot be read stays blocked over a snapshot, until a newer version comes', async () => {
  await producer.send([
    operator('a', versionOf(1)),
    { ...operator('a', versionOf(2)), value: Buffer.from([255]) },
  ]);
  const first = await startNode(fileStore('blocked'));
  expect(outcome(first, 'X')).toBe(MatchOutcome.STALE_LIST);
  await first.stop();
  const second = await startNode(fileStore('blocked'));
  expect(second.read).toEqual([]);
  expect(outcome(second, 'X')).toBe(MatchOutcome.STALE_LIST);
  await producer.send([operator('a', versionOf(2))]);
  await eventually(() => expect(outcome(second, 'X')).toBe(MatchOutcome.MATCHED));
  await second.stop();
});
