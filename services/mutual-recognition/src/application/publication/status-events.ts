import { partitionOf } from '@aeo/platform/kafka';
import type { OutboxEvent } from '@aeo/platform/outbox';
import { exchangeStatus, topics } from '@aeo/proto';
import type { PartnerOperator } from '../../domain/list/changes.ts';
import type { ListRow } from '../../domain/list/list.ts';
import type { OwedSuspension, Ports, PublishedList } from '../../ports.ts';
import {
  activatedMessage,
  membershipMessage,
  suspensionMessage,
  withdrawnList,
  withdrawnMember,
} from './status-messages.ts';

type Context = Pick<Ports, 'arrangement' | 'epoch'>;

const { name: topic, partitions } = topics.partnerStatus;

export const membershipKey = (arrangementId: string, operatorId: string) =>
  `membership/${arrangementId}/${operatorId}`;
export const suspensionKey = (arrangementId: string, operatorId: string) =>
  `suspension/${arrangementId}/${operatorId}`;
export const activatedKey = (arrangementId: string, partition: number) =>
  `activated/${arrangementId}/${partition}`;

/** How many listed operators' membership records fall on each partition, by the hash of their keys. */
export function partitionCounts(rows: readonly ListRow[], arrangementId: string): number[] {
  const counts = new Array<number>(partitions).fill(0);
  for (const { operatorId } of rows) {
    const partition = partitionOf(membershipKey(arrangementId, operatorId), partitions);
    counts[partition] = (counts[partition] ?? 0) + 1;
  }
  return counts;
}

export function suspensionEvents(
  suspensions: readonly OwedSuspension[],
  { arrangement: { id }, epoch }: Context,
): OutboxEvent[] {
  return suspensions.map(({ operator, receivedAt }) =>
    event(
      suspensionKey(id, operator.operatorId),
      suspensionMessage(operator, { arrangementId: id, epoch }, receivedAt),
      'PartnerSuspensionChanged',
    ),
  );
}

/** @param receivedAt when each list that a slot names was received */
export function membershipEvents(
  operators: readonly PartnerOperator[],
  receivedAt: ReadonlyMap<number, Date>,
  { arrangement: { id }, epoch }: Context,
): OutboxEvent[] {
  return operators.map((operator) =>
    event(
      membershipKey(id, operator.operatorId),
      membershipMessage(operator, { arrangementId: id, epoch }, receivedAt),
      'PartnerMembershipChanged',
    ),
  );
}

/** One for each partition. */
export function activationEvents(
  list: PublishedList,
  { arrangement, epoch }: Context,
  eventType = 'PartnerListActivated',
): OutboxEvent[] {
  return list.partitionCounts.map((count, partition) => ({
    ...event(
      activatedKey(arrangement.id, partition),
      activatedMessage(list, count, epoch, arrangement),
      eventType,
    ),
    partition,
  }));
}

/** Takes a member off every list from this sequence on. */
export function withdrawnMemberEvent(
  key: string,
  sequence: number,
  { arrangement: { id }, epoch }: Context,
): OutboxEvent {
  const operatorId = key.split('/').slice(2).join('/');
  const message = withdrawnMember({ arrangementId: id, epoch }, operatorId, BigInt(sequence));
  return event(key, message, 'StatusRepeated');
}

/** No list is in force on those partitions whose activation is among the keys. */
export function withdrawnListEvents(keys: readonly string[], { arrangement, epoch }: Context): OutboxEvent[] {
  const all = Array.from({ length: partitions }, (_, partition) => ({
    ...event(activatedKey(arrangement.id, partition), withdrawnList(arrangement, epoch), 'StatusRepeated'),
    partition,
  }));
  return all.filter(({ key }) => keys.includes(key));
}

function event(key: string, message: exchangeStatus.PartnerStatus, eventType: string): OutboxEvent {
  return { topic, key, eventType, value: exchangeStatus.PartnerStatus.encode(message).finish() };
}
