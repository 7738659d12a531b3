import { registryStatus } from '@aeo/proto';
import type { AuditRow, Credit, DecisionRow, TopicRecord } from './audited-state.ts';
import type { AssessEntry, CommandEntry, PriorityEntry } from './transcript.ts';

/** Sound pieces of a history for the tests, each changed where a test says so. */
export const credit = (changes: Partial<Credit> = {}): Credit => ({
  source: 'registry',
  operatorId: 'o',
  certificateId: 'c',
  version: { epoch: 1, number: 1 },
  ...changes,
});

export const decisionRow = (changes: Partial<DecisionRow> = {}): DecisionRow => ({
  declarationId: 'd',
  version: 1,
  revision: 1,
  stage: 2,
  probe: false,
  provisional: false,
  lane: 1,
  declaredOn: '2021-01-04',
  decidedAt: 10_000,
  evaluatedAt: 9_990,
  noBenefit: [],
  hash: 'bytes',
  asOf: { registry: 9_800, exchange: 9_800 },
  matched: [{ source: 'registry', listSequence: 0 }],
  credits: [],
  ...changes,
});

export const auditRow = (changes: Partial<AuditRow> = {}): AuditRow => ({
  id: 1,
  operatorId: 'o',
  version: 1,
  type: 'CertificateGranted',
  certificateId: 'c',
  controlId: '',
  effectiveFrom: undefined,
  recordedAt: 1_000,
  ...changes,
});

export const topicRecord = <Value>(value: Value, changes: Partial<TopicRecord<Value>> = {}) => ({
  topic: 'a topic',
  partition: 0,
  offset: 0,
  key: 'd',
  sentAt: 0,
  eventId: 'event',
  hash: 'bytes',
  value: value as Value | undefined,
  ...changes,
});

export const operatorRecord = (number: number, sentAt: number) =>
  topicRecord(
    registryStatus.OperatorStatus.fromPartial({
      operatorId: 'o',
      version: { epoch: 1n, number: BigInt(number) },
    }),
    { key: 'o', sentAt, hash: `version ${number}` },
  );

const asked = { askedAt: 9_000, answeredAt: 9_010, ending: 'answered' as const };

export const commandEntry = (
  number: number,
  answeredAt: number,
  changes: Partial<CommandEntry> = {},
): CommandEntry => ({
  kind: 'command',
  command: 'suspendCertificate',
  operatorId: 'o',
  certificateId: 'c',
  ...asked,
  answer: { version: { epoch: 1, number }, answeredAt },
  ...changes,
});

export const assessEntry = (changes: Partial<AssessEntry['answer'] & object> = {}): AssessEntry => ({
  kind: 'assess',
  declarationId: 'd',
  version: 1,
  ...asked,
  answer: { revision: 1, hash: 'bytes', lane: 1, benefit: false, decidedAt: 10_000, ...changes },
});

export const priorityEntry = (changes: Partial<PriorityEntry> = {}): PriorityEntry => ({
  kind: 'priority',
  ...asked,
  identifier: { scheme: 's', country: 'XA', value: 'v' },
  answer: { priority: true, match: 1 },
  ...changes,
});
