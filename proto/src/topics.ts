import { ControlResult } from './gen/aeo/clearance/v1/control.ts';
import { Decision } from './gen/aeo/clearance/v1/decision.ts';
import { SealedHead } from './gen/aeo/common/v1/common.ts';
import { DeclarationLodged } from './gen/aeo/declaration/v1/declaration.ts';
import { PartnerStatus } from './gen/aeo/exchange/v1/partner_status.ts';
import { OperatorStatus } from './gen/aeo/registry/v1/operator_status.ts';
import { MandatoryRule, ThresholdTable } from './gen/aeo/risk/v1/risk_tables.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Heads are kept for good: they are what a record is held against that was cut or written anew. */
const sealedHeads = <Name extends string>(name: Name) =>
  ({
    name,
    message: SealedHead,
    key: 'stream',
    partitions: 1,
    compacted: false,
    heartbeats: false,
    config: { 'retention.ms': '-1' },
  }) as const;

/**
 * The only place where a topic is spelled: topic → message → key → partitions → retention.
 * The number of partitions is fixed for a topic's life. Names get the administration's prefix in
 * the platform library. Status topics keep every state for at least an hour before compaction and know no
 * tombstones: revoked and erased are states.
 */
export const topics = {
  operatorStatus: {
    name: 'registry.operator-status.v1',
    message: OperatorStatus,
    key: 'operator id',
    partitions: 4,
    compacted: true,
    heartbeats: true,
    config: { 'min.compaction.lag.ms': String(hourMs) },
  },
  partnerStatus: {
    name: 'exchange.partner-status.v1',
    message: PartnerStatus,
    key: 'record kind/arrangement/partner operator',
    partitions: 4,
    compacted: true,
    heartbeats: true,
    config: { 'min.compaction.lag.ms': String(hourMs) },
  },
  thresholdTable: {
    name: 'risk.threshold-table.v1',
    message: ThresholdTable,
    key: 'purpose',
    partitions: 1,
    compacted: true,
    heartbeats: false,
    config: { 'min.compaction.lag.ms': String(hourMs) },
  },
  mandatoryRule: {
    name: 'risk.mandatory-rule.v1',
    message: MandatoryRule,
    key: 'rule id',
    partitions: 1,
    compacted: true,
    heartbeats: false,
    config: { 'min.compaction.lag.ms': String(hourMs) },
  },
  declarationLodged: {
    name: 'declaration.lodged.v1',
    message: DeclarationLodged,
    key: 'declaration id',
    partitions: 4,
    compacted: false,
    heartbeats: false,
    config: { 'retention.ms': String(7 * dayMs) },
  },
  decision: {
    name: 'clearance.decision.v1',
    message: Decision,
    key: 'declaration id',
    partitions: 4,
    compacted: false,
    heartbeats: false,
    config: { 'retention.ms': String(30 * dayMs) },
  },
  control: {
    name: 'clearance.control.v1',
    message: ControlResult,
    key: 'declaration id',
    partitions: 4,
    compacted: false,
    heartbeats: false,
    config: { 'retention.ms': String(30 * dayMs) },
  },
  registryHead: sealedHeads('registry.sealed-head.v1'),
  exchangeHead: sealedHeads('exchange.sealed-head.v1'),
  clearanceHead: sealedHeads('clearance.sealed-head.v1'),
} as const;

/** The header value that tells a relay's heartbeat from a status record. */
export const heartbeatEventType = 'heartbeat';
