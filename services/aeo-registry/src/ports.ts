import type { World } from './domain/operator/decide.ts';
import type { Recorded } from './domain/operator/history.ts';
import type { Application, Certificate, Event, Instant, Operator } from './domain/operator/operator.ts';

/** An operator as stored; `version` is that of the status published last, 0 before the first. */
export type StoredOperator = { operatorId: string; version: bigint; state: Operator | undefined };

/** What happened, and on whose behalf. */
export type Authored = { event: Event; actor: string };

/** One transaction on one operator, which nobody else changes meanwhile. */
export type OperatorTransaction = {
  operator: StoredOperator;
  /** The database's clock, read once the operator is held: a node's own clock decides nothing. */
  now: Date;
  /**
   * Stores state, audit rows and, where the published status changed, an outbox row. Returns the version.
   *
   * @param caller the certificate or token under which it was asked; null where no caller asked
   */
  save: (state: Operator, events: readonly Authored[], caller: string | null) => Promise<bigint>;
  /** True the first time an event is seen; false ever after. */
  firstSeen: (eventId: string) => Promise<boolean>;
  /** What these keys of a caller were answered before. */
  findIdempotentAnswers: (caller: string, keys: readonly string[]) => Promise<IdempotentAnswer[]>;
  saveIdempotentAnswers: (caller: string, answers: readonly IdempotentAnswer[]) => Promise<void>;
};

/** What a caller asked under a name of its own, as a hash, and what it was answered. */
export type IdempotentAnswer = { key: string; requestHash: Buffer; answer: Buffer };

export type AfterCertificate = { certificateId: string; operatorId: string };

export type ListedCertificate = { operatorId: string; sizeClass: string; certificate: Certificate };

/** A file as it stands in a list, and the operator whose it is. */
export type ListedApplication = { operatorId: string; applicationId: string; application: Application };

/** Those of one operator, of one programme, in one status; each where it is given. */
export type ApplicationFilter = {
  operatorId?: string | undefined;
  programmeId?: string | undefined;
  status?: Application['status'] | undefined;
};

export type Ports = {
  /**
   * Works in one transaction, once more where another of the same instant came first with the operator's registration
   * or with one of the keys: what that one wrote is there the second time. Work has no other effects.
   *
   * @throws AppError `conflict` VERSION_CONFLICT where that happens twice
   */
  withOperator<T>(operatorId: string, work: (unit: OperatorTransaction) => Promise<T>): Promise<T>;
  findOperator(operatorId: string): Promise<StoredOperator | undefined>;
  /** In the order of certificate and operator ids, those after the given ones. */
  listCertificates(after: AfterCertificate, limit: number): Promise<ListedCertificate[]>;
  /** The same of those alone that somebody has to look into. */
  listReviews(after: AfterCertificate, limit: number): Promise<ListedCertificate[]>;
  /** In the order of operator and application ids, those after the given ones. */
  listApplications(
    filter: ApplicationFilter,
    after: { operatorId: string; applicationId: string },
    limit: number,
  ): Promise<ListedApplication[]>;
  /** To which operator a certificate was granted. */
  holderOf(certificateId: string): Promise<string | undefined>;
  /** What was recorded of an operator up to an instant, that one included, in order. */
  recordedOf(operatorId: string, knownAt: Instant): Promise<Recorded[]>;
  evidence: EvidenceStore;
  /** Operators at which somebody has to look by now. */
  operatorsDue(limit: number): Promise<string[]>;
  /** The registry database's clock. */
  databaseNow(): Promise<Date>;
  epoch: bigint;
  rules: Pick<World, 'programmes' | 'evaluate' | 'workingDaysOf' | 'checkIdentifier'>;
};

/** What may be stored: so many bytes at most, in one of these formats, named by their usual endings as in `pdf`. */
export type EvidenceLimits = { bytesMax: number; formats: readonly string[] };

/** The type is that of the content, whatever the caller or the file's name says. */
export type EvidenceDescription = { bytes: number; mediaType: string };

export type EvidenceStored = EvidenceDescription & {
  kind: 'stored';
  /** In hexadecimal, small letters: the file's name ever after. */
  sha256: string;
};

export type EvidenceRefused = {
  kind: 'refused';
  reason: 'EVIDENCE_EMPTY' | 'EVIDENCE_TOO_LARGE' | 'EVIDENCE_TYPE';
};

/** Files that prove something, by the SHA-256 of their bytes. */
export type EvidenceStore = {
  /**
   * Stores a file whole or not at all; the same bytes again are stored once. What is over the limit or of another format
   * is not read further than to find that out.
   *
   * @throws AppError `unavailable` where too many files are being stored already
   */
  put(content: AsyncIterable<Uint8Array>, limits: EvidenceLimits): Promise<EvidenceStored | EvidenceRefused>;
  /**
   * The bytes of a file; undefined where none has this name.
   *
   * @throws AppError `internal` EVIDENCE_DAMAGED where they are not those that were stored
   */
  open(sha256: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  has(sha256: string): Promise<EvidenceDescription | undefined>;
};
