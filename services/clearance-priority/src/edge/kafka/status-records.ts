import type { IncomingRecord } from '@aeo/platform/kafka';
import { common, exchangeStatus, heartbeatEventType, registryStatus, riskTables, topics } from '@aeo/proto';
import type { SuspensionIndex } from '../../domain/status-view/suspension-index.ts';
import type { StatusSource } from '../../domain/status-view/freshness.ts';
import type { NodeState } from '../../application/status-view/node-state.ts';

export const broadcastTopics = [
  topics.operatorStatus,
  topics.partnerStatus,
  topics.thresholdTable,
  topics.mandatoryRule,
];

/** A status as its publisher wrote it, and when by the publisher's database. */
export type PublishedStatus = { occurredAt: Date } & (
  { operator: registryStatus.OperatorStatus } | { partner: exchangeStatus.PartnerStatus }
);

export type StatusRecordsOptions = {
  nodeState: NodeState;
  /** Called with the operator of every status that changed, and its new status. */
  onStatusChanged: (operatorId: string, published: PublishedStatus) => void;
  onUnreadable: (topic: string) => void;
};

/**
 * Applies one record of the compacted topics. A record that cannot be read blocks its key until a newer version
 * comes; one whose key cannot be read either freezes the partition's freshness, since it may concern any operator.
 */
export const statusRecords =
  (options: StatusRecordsOptions) =>
  (record: IncomingRecord): void => {
    try {
      apply(options, record);
    } catch {
      options.onUnreadable(record.topic);
      block(options.nodeState, record);
    }
  };

function apply({ nodeState, onStatusChanged }: StatusRecordsOptions, record: IncomingRecord): void {
  const source = sourceOf(record.topic);
  if (source !== undefined && record.headers['event-type'] === heartbeatEventType) {
    const { asOf } = common.Heartbeat.decode(record.value);
    if (asOf !== undefined) nodeState.freshness.heartbeat(source, record.partition, asOf.getTime());
    return;
  }
  if (record.value.length === 0) throw new Error('a tombstone on a topic that has none');
  switch (record.topic) {
    case topics.operatorStatus.name: {
      const status = registryStatus.OperatorStatus.decode(record.value);
      if (status.operatorId !== record.key) throw new Error('the key names another operator');
      if (nodeState.view.applyOperator(status))
        onStatusChanged(status.operatorId, { operator: status, occurredAt: occurredAt(record) });
      return;
    }
    case topics.partnerStatus.name: {
      const status = exchangeStatus.PartnerStatus.decode(record.value);
      if (partnerKey(status, record.partition) !== record.key)
        throw new Error('the key names another record');
      if (nodeState.view.applyPartner(status, record.partition))
        onStatusChanged(partnerOperator(status), { partner: status, occurredAt: occurredAt(record) });
      return;
    }
    case topics.thresholdTable.name:
      nodeState.thresholds.apply(riskTables.ThresholdTable.decode(record.value));
      return;
    case topics.mandatoryRule.name:
      nodeState.rules.apply(riskTables.MandatoryRule.decode(record.value));
      return;
  }
}

/** Notes the suspensions of a status, to be compared with the ledger later. */
export function recordSuspensions(suspensions: SuspensionIndex, published: PublishedStatus): void {
  if ('operator' in published) suspensions.noteOperator(published.operator, published.occurredAt);
  else if (published.partner.record?.$case === 'suspension')
    suspensions.noteSuspension(published.partner.record.value, published.occurredAt);
}

function occurredAt({ headers, timestampMs }: IncomingRecord): Date {
  return new Date(headers['occurred-at'] ?? timestampMs);
}

/** The key under which a partner record must come; undefined for a form this version does not know. */
function partnerKey({ record }: exchangeStatus.PartnerStatus, partition: number): string | undefined {
  if (record === undefined) return undefined;
  const { arrangementId } = record.value;
  const rest = record.$case === 'activated' ? partition : record.value.partnerOperatorId;
  return `${record.$case}/${arrangementId}/${rest}`;
}

function partnerOperator({ record }: exchangeStatus.PartnerStatus): string {
  return record === undefined || record.$case === 'activated' ? '' : record.value.partnerOperatorId;
}

function sourceOf(topic: string): StatusSource | undefined {
  if (topic === topics.operatorStatus.name) return 'registry';
  return topic === topics.partnerStatus.name ? 'exchange' : undefined;
}

function block({ view, freshness }: NodeState, { topic, key, partition }: IncomingRecord): void {
  const source = sourceOf(topic);
  if (source === undefined) return;
  const known = source === 'registry' ? view.blockOperator(key) : view.blockPartner(key, partition);
  if (!known) freshness.freeze(source, partition);
}
