import type { IncomingRecord } from '@aeo/platform/kafka';
import { common, exchangeStatus, heartbeatEventType, registryStatus, topics } from '@aeo/proto';
import { expect, test } from 'vitest';
import { createNodeState } from '../../application/status-view/node-state.ts';
import { statusRecords } from './status-records.ts';

const { CertificateStatus, Direction, MatchOutcome, PartyRole, Purpose, TransportMode } = common;
const at = new Date('2026-06-01T12:00:00Z');
const purpose = Purpose.FISCAL_COMPLIANCE;
const version = (number: bigint) => ({ epoch: 1n, number });
const domestic = { scheme: 'test-id', country: 'XA', value: 'H1' };
const foreign = { scheme: 'test-id', country: 'XB', value: 'F1' };
const unreadable = Buffer.from([0xff]);
/** A oneof field this version does not have. */
const unknownForm = Buffer.from([0xfa, 0x01, 0x00]);

const operator = (operatorId: string, number: bigint) =>
  registryStatus.OperatorStatus.encode(
    registryStatus.OperatorStatus.fromPartial({
      operatorId,
      version: version(number),
      identifiers: [{ identifier: domestic }],
      components: [
        {
          component: 'compliance',
          tier: 'tier-2',
          status: CertificateStatus.ACTIVE,
          validated: true,
          purposes: [purpose],
          credits: [{ purpose, role: PartyRole.IMPORTER, sharePermille: 650 }],
        },
      ],
    }),
  ).finish();

type PartnerRecord = NonNullable<exchangeStatus.PartnerStatus['record']>;
const partner = (record: { $case: PartnerRecord['$case']; value: object }) =>
  exchangeStatus.PartnerStatus.encode(exchangeStatus.PartnerStatus.fromPartial({ record })).finish();
const membership = (number: bigint) =>
  partner({
    $case: 'membership',
    value: {
      arrangementId: 'a1',
      partnerOperatorId: 'p1',
      version: version(number),
      identifiers: [foreign],
      slots: [{ sequence: 1n, listed: true, tier: 'tier-1', status: CertificateStatus.ACTIVE }],
    },
  });
const suspension = (partnerOperatorId: string, number: bigint, status: common.CertificateStatus) =>
  partner({
    $case: 'suspension',
    value: { arrangementId: 'a1', partnerOperatorId, version: version(number), status },
  });
const activated = (number: bigint) =>
  partner({
    $case: 'activated',
    value: {
      arrangementId: 'a1',
      sequence: number,
      count: 1n,
      partitionCount: 1n,
      version: version(number),
      terms: {
        arrangementId: 'a1',
        version: 1,
        partnerCountry: 'XB',
        live: true,
        recognisedTiers: ['tier-1'],
        directions: [Direction.IMPORT],
        transportModes: [TransportMode.SEA],
        purposes: [purpose],
        credits: [{ purpose, role: PartyRole.SELLER, sharePermille: 300 }],
      },
    },
  });

/** A node that has read one domestic operator and a partner's list with one member. */
function node() {
  const nodeState = createNodeState({
    country: 'XA',
    partitions: { registry: 1, exchange: 1 },
    compile: () => () => ({ outcome: 'not_met', factsRead: [] }),
  });
  const told = { changed: [] as string[], unreadable: [] as string[] };
  const read = statusRecords({
    nodeState,
    onStatusChanged: (id) => void told.changed.push(id),
    onUnreadable: (topic) => void told.unreadable.push(topic),
  });
  const send = (topic: string, key: string, value: Uint8Array, eventType = 'StatusChanged') =>
    read({
      topic,
      key,
      value,
      partition: 0,
      headers: { 'event-type': eventType },
    } as unknown as IncomingRecord);
  const own = (key: string, value: Uint8Array) => send(topics.operatorStatus.name, key, value);
  const theirs = (key: string, value: Uint8Array) => send(topics.partnerStatus.name, key, value);
  const beat = (topic: string, ms: number) =>
    send(
      topic,
      '',
      common.Heartbeat.encode({ asOf: new Date(ms), partition: 0 }).finish(),
      heartbeatEventType,
    );
  own('o1', operator('o1', 1n));
  theirs('membership/a1/p1', membership(1n));
  theirs('activated/a1/0', activated(1n));
  const scope = { direction: Direction.IMPORT, transportMode: TransportMode.SEA };
  const outcome = (role: common.PartyRole, identifier: common.Identifier) =>
    nodeState.view.match({ role, identifier }, scope, at)[0]?.outcome;
  const outcomes = () => ({
    importer: outcome(PartyRole.IMPORTER, domestic),
    seller: outcome(PartyRole.SELLER, foreign),
  });
  return { nodeState, told, own, theirs, beat, outcomes };
}

const { MATCHED, STALE_LIST, SUSPENDED } = MatchOutcome;

test('what can be read is applied, and nothing is called unreadable', () => {
  const { told, outcomes, theirs } = node();
  expect(outcomes()).toEqual({ importer: MATCHED, seller: MATCHED });
  theirs('suspension/a1/p1', suspension('p1', 1n, CertificateStatus.SUSPENDED));
  expect(outcomes()).toEqual({ importer: MATCHED, seller: SUSPENDED });
  expect(told).toEqual({ changed: ['o1', 'p1', '', 'p1'], unreadable: [] });
});

test.each([
  ['bytes', unreadable],
  ['nothing', Buffer.alloc(0)],
  ['another operator', Buffer.from(operator('o2', 9n))],
])('%s under an operator blocks that operator until a newer version is read', (_, value) => {
  const { told, own, outcomes } = node();
  own('o1', value);
  expect([outcomes().importer, told.unreadable]).toEqual([STALE_LIST, [topics.operatorStatus.name]]);
  own('o1', operator('o1', 1n));
  expect(outcomes().importer).toBe(STALE_LIST);
  own('o1', operator('o1', 2n));
  expect(outcomes().importer).toBe(MATCHED);
});

test.each([
  ['membership', 'bytes', unreadable],
  ['membership', 'an unknown form', unknownForm],
  ['membership', 'nothing', Buffer.alloc(0)],
  ['membership', 'a suspension', Buffer.from(suspension('p1', 9n, CertificateStatus.ACTIVE))],
  ['suspension', 'bytes', unreadable],
  ['suspension', 'an unknown form', unknownForm],
  ['suspension', 'nothing', Buffer.alloc(0)],
  ['suspension', 'a membership', Buffer.from(membership(9n))],
  ['suspension', 'the suspension of another', Buffer.from(suspension('p2', 9n, CertificateStatus.ACTIVE))],
])('a %s key with %s blocks its operator until a newer version is read', (kind, _, value) => {
  const { told, theirs, outcomes } = node();
  theirs(`${kind}/a1/p1`, value);
  expect([outcomes().seller, told.unreadable]).toEqual([STALE_LIST, [topics.partnerStatus.name]]);
  const newer = kind === 'membership' ? membership(2n) : suspension('p1', 1n, CertificateStatus.ACTIVE);
  theirs(`${kind}/a1/p1`, newer);
  expect(outcomes().seller).toBe(MATCHED);
});

test.each([
  ['bytes', unreadable],
  ['an unknown form', unknownForm],
  ['a membership', Buffer.from(membership(9n))],
])('an activation key with %s holds the list where it is', (_, value) => {
  const { nodeState, told, theirs } = node();
  theirs('activated/a1/0', value);
  expect(told.unreadable).toEqual([topics.partnerStatus.name]);
  const sequence = () =>
    nodeState.view.match(
      { role: PartyRole.SELLER, identifier: foreign },
      { direction: Direction.IMPORT, transportMode: TransportMode.SEA },
      at,
    )[0]?.listSequence;
  expect(sequence()).toBe(1n);
  theirs('activated/a1/0', activated(2n));
  expect(sequence()).toBe(2n);
});

test.each(['', 'membership', 'membership//p1', 'membership/a1/', 'rumour/a1/p1'])(
  'a record under the key "%s" may be about anybody, so its source grows no fresher',
  (key) => {
    const { nodeState, beat, theirs } = node();
    beat(topics.partnerStatus.name, 1_000);
    theirs(key, unreadable);
    beat(topics.partnerStatus.name, 2_000);
    expect(nodeState.freshness.asOf('exchange')).toBe(1_000);
  },
);

test('an operator record without a key freezes the registry, and a heartbeat elsewhere does not count for it', () => {
  const { nodeState, beat, own } = node();
  beat(topics.operatorStatus.name, 1_000);
  beat(topics.partnerStatus.name, 3_000);
  own('', unreadable);
  beat(topics.operatorStatus.name, 2_000);
  expect([nodeState.freshness.asOf('registry'), nodeState.freshness.asOf('exchange')]).toEqual([
    1_000, 3_000,
  ]);
});
