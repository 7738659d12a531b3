import type { JSONWebKeySet } from 'jose';
import type { Arrangement } from './domain/arrangement.ts';
import type { PartnerOperator, Changes } from './domain/changes.ts';
import type { ListHeader, ListRow } from './domain/list.ts';
import type { HeldList } from './domain/verify-list.ts';

export type SignedHeader = { header: ListHeader; signature: string };

export type SignedList = SignedHeader & { rows: ListRow[] };

/** The partner's end, over mTLS HTTPS. What it says is not trusted before it is verified. */
export type Partner = {
  keys: () => Promise<JSONWebKeySet>;
  /** Newest first, those below `before` where given. */
  headers: (before: number | undefined) => Promise<SignedHeader[]>;
  list: (sequence: number) => Promise<SignedList>;
  acknowledge: (sequence: number, outcome: string) => Promise<void>;
};

export type Signer = {
  sign: (text: string) => Promise<string>;
  keys: () => Promise<JSONWebKeySet>;
};

/** True where one of the keys signed exactly this text. */
export type VerifySignature = (text: string, signature: string, keys: JSONWebKeySet) => Promise<boolean>;

export type ReceivedSummary = HeldList & { recognised: number; receivedAt: Date; activated: boolean };

/** Everything under one arrangement, one at a time. */
export type ReceivedLists = {
  pinnedKeys: () => Promise<JSONWebKeySet | undefined>;
  pinKeys: (keys: JSONWebKeySet) => Promise<void>;
  held: () => Promise<ReceivedSummary | undefined>;
  /**
   * Accepts a list unless `judge` refuses it: stores operators and publishes memberships and suspensions. The
   * judgement, the state it looks at and the effect are one transaction.
   */
  accept: (
    list: SignedList,
    judge: (held: HeldList | undefined, listedNow: ReadonlySet<string>) => Judgement,
    changes: (operators: ReadonlyMap<string, PartnerOperator>) => Changes,
  ) => Promise<Judgement>;
  /** Publishes the activation of the newest list, if that is still owed and everything before it has been sent. */
  activate: () => Promise<void>;
  refuse: (code: string, sequence: number | undefined) => Promise<void>;
  refusals: () => Promise<{ code: string; count: bigint }[]>;
};

export type Judgement = { kind: 'accepted' } | { kind: 'unchanged' } | { kind: 'refused'; reason: string };

export type IssuedLists = {
  /** Signs and stores the next list; `make` gets the number and the hash it must link to. */
  issue: (make: (sequence: number, previousHash: string) => Promise<SignedList>) => Promise<SignedList>;
  headers: (before: number | undefined, limit: number) => Promise<SignedHeader[]>;
  find: (sequence: number) => Promise<SignedList | undefined>;
  acknowledge: (sequence: number, peer: string, outcome: string) => Promise<void>;
  lastSequence: () => Promise<number>;
};

export type Ports = {
  arrangement: Arrangement;
  partner: Partner | undefined;
  signer: Signer;
  verifySignature: VerifySignature;
  received: ReceivedLists;
  issued: IssuedLists;
  /** Our certified operators, complete up to a time of our database's clock at or after this call. */
  ownRows: () => Promise<ListRow[]>;
  now: () => Date;
};
