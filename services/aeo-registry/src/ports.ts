import type { DecisionContext } from './domain/operator/decide.ts';
import type { Recorded } from './domain/operator/history.ts';
import type { Application, Certificate, Event, Instant, Operator } from './domain/operator/operator.ts';

/** An operator as stored; `version` is that of the last published status, 0 before the first one. */
export type StoredOperator = { operatorId: string; version: bigint; state: Operator | undefined };

/** An event, and the person or system it comes from. */
export type AuthoredEvent = { event: Event; actor: string };

/** One transaction on one operator, which no other transaction changes meanwhile. */
export type OperatorTransaction = {
  operator: StoredOperator;
  /** The database's clock, read once the operator is locked; the clock of a node is not used. */
  now: Date;
  /**
   * Stores state, audit rows and, where the published status changed, an outbox row. Returns the version.
   *
   * @param caller the certificate or token of the caller; null for what the registry does by itself
   */
  save: (state: Operator, events: readonly AuthoredEvent[], caller: string | null) => Promise<bigint>;
  /** True the first time this id is given, and false after that. */
  firstSeen: (eventId: string) => Promise<boolean>;
  /** The answers stored under these keys of a caller. */
  findIdempotentAnswers: (caller: string, keys: readonly string[]) => Promise<IdempotentAnswer[]>;
  saveIdempotentAnswers: (caller: string, answers: readonly IdempotentAnswer[]) => Promise<void>;
};

/** An idempotency key with the hash of its request and the encoded answer. */
export type IdempotentAnswer = { key: string; requestHash: Buffer; answer: Buffer };

export type CertificatePosition = { certificateId: string; operatorId: string };

export type ListedCertificate = { operatorId: string; sizeClass: string; certificate: Certificate };

/** An application in a list, and its operator. */
export type ListedApplication = { operatorId: string; applicationId: string; application: Application };

/** The applications of an operator, of a programme, in a status; of all where one is absent. */
export type ApplicationFilter = {
  operatorId?: string | undefined;
  programmeId?: string | undefined;
  status?: Application['status'] | undefined;
};

export type Ports = {
  /**
   * Works in one transaction. It is retried once after a concurrent transaction that registered the operator or used one
   * of the keys, and then sees what that one wrote. Work has no other effects.
   *
   * @throws AppError `conflict` VERSION_CONFLICT where that happens twice
   */
  withOperator<T>(operatorId: string, work: (transaction: OperatorTransaction) => Promise<T>): Promise<T>;
  findOperator(operatorId: string): Promise<StoredOperator | undefined>;
  /** In the order of certificate and operator ids, after this position. */
  listCertificates(after: CertificatePosition, limit: number): Promise<ListedCertificate[]>;
  /** The same of the certificates that an officer has to review. */
  listReviews(after: CertificatePosition, limit: number): Promise<ListedCertificate[]>;
  /** In the order of operator and application ids, after this position. */
  listApplications(
    filter: ApplicationFilter,
    after: { operatorId: string; applicationId: string },
    limit: number,
  ): Promise<ListedApplication[]>;
  /** The id of the operator with this certificate. */
  holderOf(certificateId: string): Promise<string | undefined>;
  /** The events recorded of an operator up to and including an instant, in order. */
  recordedOf(operatorId: string, knownAt: Instant): Promise<Recorded[]>;
  evidence: EvidenceStore;
  /** Operators with a deadline that has passed. */
  operatorsDue(limit: number): Promise<string[]>;
  /** The registry database's clock. */
  databaseNow(): Promise<Date>;
  epoch: bigint;
  rules: Pick<DecisionContext, 'programmes' | 'evaluate' | 'workingDaysOf' | 'checkIdentifier'>;
};

/** The largest size in bytes, and the accepted formats by their usual file extensions, such as `pdf`. */
export type EvidenceLimits = { bytesMax: number; formats: readonly string[] };

/** The media type is detected from the content; the caller's own statement is not used. */
export type EvidenceDescription = { bytes: number; mediaType: string };

export type EvidenceStored = EvidenceDescription & {
  kind: 'stored';
  /** In hexadecimal, lower case: the name of the file. */
  sha256: string;
};

export type EvidenceRefused = {
  kind: 'refused';
  reason: 'EVIDENCE_EMPTY' | 'EVIDENCE_TOO_LARGE' | 'EVIDENCE_TYPE';
};

/** Evidence files by the SHA-256 of their bytes. */
export type EvidenceStore = {
  /**
   * Stores a file whole or not at all; the same bytes are stored once. Reading stops as soon as the file is over the limit
   * or of another format.
   *
   * @throws AppError `unavailable` where too many files are being stored already
   */
  put(content: AsyncIterable<Uint8Array>, limits: EvidenceLimits): Promise<EvidenceStored | EvidenceRefused>;
  /**
   * The bytes of a file; undefined where no file has this name.
   *
   * @throws AppError `internal` EVIDENCE_DAMAGED where the bytes are not those that were stored
   */
  open(sha256: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  has(sha256: string): Promise<EvidenceDescription | undefined>;
};
