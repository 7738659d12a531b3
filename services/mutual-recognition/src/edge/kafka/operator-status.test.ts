import type { IncomingRecord } from '@aeo/platform/kafka';
import { common, heartbeatEventType, registryStatus } from '@aeo/proto';
import { expect, test } from 'vitest';
import { createOwnOperators } from '../../domain/list/own-operators.ts';
import { operatorStatus } from './operator-status.ts';

function following() {
  const operators = createOwnOperators(2);
  const unreadable = { count: 0 };
  const follow = operatorStatus(operators, () => (unreadable.count += 1));
  const deliver = (key: string, value: Uint8Array, eventType = 'CertificateGranted', partition = 0) =>
    follow({ key, value, partition, headers: { 'event-type': eventType } } as unknown as IncomingRecord);
  return {
    operators,
    unreadable,
    deliver,
    known: () => operators.readable().map(({ operatorId }) => operatorId),
    grant: (operatorId: string, number: bigint) =>
      deliver(
        operatorId,
        registryStatus.OperatorStatus.encode(
          registryStatus.OperatorStatus.fromPartial({ operatorId, version: { epoch: 1n, number } }),
        ).finish(),
      ),
    beat: (partition: number, atMs: number) =>
      deliver(
        `heartbeat/${partition}`,
        common.Heartbeat.encode({ asOf: new Date(atMs), partition }).finish(),
        heartbeatEventType,
        partition,
      ),
  };
}

/** A field with a length beyond the end of the record. */
const broken = Buffer.from([0x0a, 0xff, 0x01]);

test('a record that cannot be read takes its operator off the list until a newer one is read', () => {
  const { deliver, grant, known, unreadable } = following();
  grant('o1', 1n);
  grant('o2', 1n);
  deliver('o1', broken);
  expect(unreadable.count).toBe(1);
  expect(known()).toEqual(['o2']);
  grant('o1', 1n);
  expect(known()).toEqual(['o2']);
  grant('o1', 3n);
  expect(known()).toEqual(['o1', 'o2']);
});

test('a record about another operator than its key, or about none, takes the operator of its key off the list', () => {
  const { deliver, grant, known } = following();
  grant('o1', 1n);
  const other = registryStatus.OperatorStatus.fromPartial({
    operatorId: 'o2',
    version: { epoch: 1n, number: 9n },
  });
  deliver('o1', registryStatus.OperatorStatus.encode(other).finish());
  expect(known()).toEqual([]);
  grant('o3', 1n);
  deliver('o3', Buffer.alloc(0));
  expect(known()).toEqual([]);
});

test.each(['', '\uFFFD1'])(
  'a record under the unreadable key "%s" keeps its partition from counting as complete',
  (key) => {
    const { operators, deliver, beat } = following();
    beat(0, 1_000);
    beat(1, 1_000);
    deliver(key, broken);
    beat(0, 5_000);
    beat(1, 5_000);
    expect(operators.completeUntilMs()).toBe(1_000);
  },
);

test('a heartbeat that cannot be read does not count', () => {
  const { operators, deliver, beat, unreadable } = following();
  beat(0, 1_000);
  beat(1, 1_000);
  deliver('heartbeat/0', broken, heartbeatEventType);
  expect(operators.completeUntilMs()).toBe(1_000);
  expect(unreadable.count).toBe(1);
  beat(0, 2_000);
  beat(1, 2_000);
  expect(operators.completeUntilMs()).toBe(2_000);
});
