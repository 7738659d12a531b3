import type { DecidedOn } from '@aeo/aeo-registry';
import type { SealedHead } from '@aeo/platform/proof';
import type { clearanceControl, exchangeStatus, registryStatus } from '@aeo/proto';

export type Version = { epoch: number; number: number };

/** A credit that counted, and the status that gave it. */
export type Credit = {
  /** registry or an arrangement. */
  source: string;
  operatorId: string;
  certificateId: string;
  version: Version;
};

/** A decision in the ledger. Times are the database's clock, ms. */
export type DecisionRow = {
  declarationId: string;
  version: number;
  revision: number;
  stage: number;
  probe: boolean;
  provisional: boolean;
  lane: number;
  declaredOn: string;
  decidedAt: number;
  evaluatedAt: number;
  asOf: { registry: number | undefined; exchange: number | undefined };
  noBenefit: readonly number[];
  /** The sources of the matches, each with the list it was read from. */
  matched: readonly { source: string; listSequence: number }[];
  credits: readonly Credit[];
  /** SHA-256 of the record. */
  hash: string;
};

export type KeyRow = Pick<DecisionRow, 'declarationId' | 'version' | 'revision' | 'stage'>;

export type ControlRow = { controlId: string; declarationId: string; version: number; probe: boolean };

export type ClearanceState = {
  decisions: readonly DecisionRow[];
  keys: readonly KeyRow[];
  controls: readonly ControlRow[];
  waiting: Waiting;
  chains: readonly Chain[];
};

/** Rows that are not published or not sealed yet. */
export type Waiting = { outbox: number; unsealed: number };

/** The result of verifying a stream of sealed rows. */
export type Chain = { stream: string; leaves: number; heads: number; problems: readonly string[] };

/** An event of an operator, with the fields that are compared. */
export type AuditRow = {
  id: number;
  operatorId: string;
  version: number;
  type: string;
  certificateId: string;
  controlId: string;
  effectiveFrom: number | undefined;
  recordedAt: number;
};

export type CertificateState = {
  certificateId: string;
  component: string;
  tier: string;
  status: 'active' | 'suspended' | 'revoked' | 'expired';
  effectiveFrom: number;
};

export type OperatorRow = {
  operatorId: string;
  version: number;
  identifiers: readonly { scheme: string; country: string; value: string }[];
  certificates: readonly CertificateState[];
};

/** A decision on an application, with the facts it rests on and its stored results. */
export type ApplicationDecision = { auditId: number; decidedOn: DecidedOn; results: unknown };

export type RegistryState = {
  epoch: number;
  applications: readonly ApplicationDecision[];
  operators: readonly OperatorRow[];
  audit: readonly AuditRow[];
  waiting: Waiting;
  chains: readonly Chain[];
};

/** A signed list as it was stored. */
export type SignedRow = {
  arrangementId: string;
  sequence: number;
  /** The sequence its own header names. */
  named: number;
  previousHash: string;
  count: number;
  digest: string;
  storedHash: string;
  /** The hash computed from the stored header. */
  hash: string;
};

export type ReceivedRow = SignedRow & {
  listed: number;
  /** Listed operators over all partitions. */
  placed: number;
  activatedAt: number | undefined;
};

/** Rows are kept for the newest sent lists only. */
export type IssuedRow = SignedRow & { kept: { count: number; digest: string } | undefined };

export type HeldRow = {
  arrangementId: string;
  sequence: number;
  heldBy: string;
  decision: string | null;
  decidedBy: string | null;
};

export type PartnerSlot = {
  sequence: number;
  row: {
    tier: string;
    status: string;
    identifiers: { scheme: string; country: string; value: string }[];
  } | null;
};

export type PartnerRow = {
  arrangementId: string;
  operatorId: string;
  version: number;
  slots: readonly PartnerSlot[];
  suspensionVersion: number;
  suspensionStatus: string;
};

export type ExchangeState = {
  received: readonly ReceivedRow[];
  issued: readonly IssuedRow[];
  held: readonly HeldRow[];
  partners: readonly PartnerRow[];
  waiting: Waiting;
  chains: readonly Chain[];
};

/** A record of a topic; `value` is undefined where it cannot be read. */
export type TopicRecord<Value> = {
  topic: string;
  partition: number;
  offset: number;
  key: string;
  /** When its producer sent it. */
  sentAt: number;
  eventId: string;
  value: Value | undefined;
  /** SHA-256 of the value. */
  hash: string;
};

export type TopicDecision = Pick<
  DecisionRow,
  'declarationId' | 'version' | 'revision' | 'lane' | 'declaredOn'
>;

/** All records on an administration's topics, without heartbeats. */
export type TopicsState = {
  operators: TopicRecord<registryStatus.OperatorStatus>[];
  partners: TopicRecord<exchangeStatus.PartnerStatus>[];
  decisions: TopicRecord<TopicDecision>[];
  controls: TopicRecord<clearanceControl.ControlResult>[];
  lodged: TopicRecord<{ declarationId: string; version: number }>[];
  heads: TopicRecord<SealedHead>[];
  deadLetters: Pick<TopicRecord<never>, 'topic' | 'key'>[];
};

export const revisionKey = ({ declarationId, version, revision }: Omit<KeyRow, 'stage'>) =>
  `${declarationId}/${version}/${revision}`;

/** Compares the epoch, which a restore raises, and then the number. */
export function isNewer(one: Version, other: Version): boolean {
  return one.epoch === other.epoch ? one.number > other.number : one.epoch > other.epoch;
}
