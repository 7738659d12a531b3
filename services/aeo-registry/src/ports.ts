import type { World } from './domain/decide.ts';
import type { Certificate, Event, Operator } from './domain/operator.ts';

/** An operator as stored; `version` is that of the status published last, 0 before the first. */
export type StoredOperator = { operatorId: string; version: bigint; state: Operator | undefined };

/** One transaction on one operator, which nobody else changes meanwhile. */
export type Unit = {
  operator: StoredOperator;
  /** The database's clock, read once the operator is held: a node's own clock decides nothing. */
  now: Date;
  /** Stores state, audit rows and, where the published status changed, an outbox row. Returns the version. */
  save: (state: Operator, events: Event[], actor: string) => Promise<bigint>;
  /** True the first time an event is seen; false ever after. */
  firstSeen: (eventId: string) => Promise<boolean>;
  /** The answer a key of this caller got before. */
  recall: (key: IdempotencyKey) => Promise<Buffer | undefined>;
  remember: (key: IdempotencyKey, answer: Uint8Array) => Promise<void>;
};

/** A caller's own name for one request; another request under the same key is refused as KEY_REUSED. */
export type IdempotencyKey = { actor: string; key: string; requestHash: Buffer };

export type ListedCertificate = { operatorId: string; sizeClass: string; certificate: Certificate };

export type Ports = {
  withOperator<T>(operatorId: string, work: (unit: Unit) => Promise<T>): Promise<T>;
  findOperator(operatorId: string): Promise<StoredOperator | undefined>;
  /** In the order of certificate ids, those after the given one. */
  listCertificates(after: string, limit: number): Promise<ListedCertificate[]>;
  /** The registry database's clock. */
  databaseNow(): Promise<Date>;
  epoch: bigint;
  rules: Pick<World, 'programmes' | 'evaluate'>;
};
