import type { JSONWebKeySet } from 'jose';
import type { Arrangement } from './domain/arrangement/arrangement.ts';
import type { ListHeader, ListRow } from './domain/list/list.ts';
import type { OwnOperator } from './domain/list/own-operators.ts';
import type { LastAcceptedList, Judged, Known, ReceivedList, Verdict } from './domain/list/verify-list.ts';

export type SignedHeader = { header: ListHeader; signature: string };

export type SignedList = SignedHeader & { rows: ListRow[] };

/** A list as the partner sends it: whether its rows can be used is asked when it is judged. */
export type FetchedList = SignedHeader & { rows: unknown[] };

/** The partner's end, over mTLS HTTPS. What it says is not trusted before it is verified. */
export type Partner = {
  keys: () => Promise<JSONWebKeySet>;
  /** Newest first, those below `before` where given. */
  headers: (before: number | undefined) => Promise<SignedHeader[]>;
  list: (sequence: number) => Promise<FetchedList>;
  acknowledge: (sequence: number, outcome: string) => Promise<void>;
};

export type Signer = {
  sign: (text: string) => Promise<string>;
  keys: () => Promise<JSONWebKeySet>;
};

/** True where one of the keys signed exactly this text. */
export type VerifySignature = (text: string, signature: string, keys: JSONWebKeySet) => Promise<boolean>;

export type ReceivedSummary = LastAcceptedList & { recognised: number; receivedAt: Date; activated: boolean };

export type WaitingSummary = {
  sequence: number;
  count: number;
  removed: number;
  heldBy: string;
  heldAt: Date;
};

/** How a list is judged with what is known at that moment. */
export type Judge = (received: ReceivedList, known: Known) => Judged;

export type HeldListDecision = {
  sequence: number;
  decision: 'released' | 'refused';
  decidedBy: string;
  reason: string;
};

/** `objection`: this person may not decide on this list, or not any more. */
export type Decided =
  | { kind: 'decided'; heldBy: string }
  | { kind: 'objection'; reason: 'NOT_FOUND' | 'OUT_OF_ORDER' | 'NOT_ALLOWED' }
  | { kind: 'refused'; reason: string };

/** Everything under one arrangement, one at a time. */
export type ReceivedLists = {
  pinnedKeys: () => Promise<JSONWebKeySet | undefined>;
  pinKeys: (keys: JSONWebKeySet) => Promise<void>;
  held: () => Promise<ReceivedSummary | undefined>;
  /** Lists that wait for a second person, newest first. */
  waiting: () => Promise<WaitingSummary[]>;
  /**
   * Judges a list and keeps what it changes, with what is then owed to the status topic. The judgement, the state it
   * looks at and the effect are one transaction.
   *
   * @throws AppError `conflict` OUT_OF_ORDER while the list before is not in force yet
   */
  receive: (received: ReceivedList & { signature: string }, judge: Judge, actor: string) => Promise<Verdict>;
  /** Releases or refuses a list that waits, in one transaction with what that changes. */
  decide: (decision: HeldListDecision, judge: Judge) => Promise<Decided>;
  /**
   * Publishes whatever is still owed: suspensions, memberships, then the activation of the newest list.
   *
   * @throws AppError `unavailable` where Kafka takes nothing for long, or the signal comes
   */
  activate: (signal?: AbortSignal) => Promise<void>;
  /**
   * A list that waits for a second person for a day takes the benefit of those it lacks; they have it back as soon as a
   * list says so, or a person refuses their absence.
   *
   * @returns how many operators that changed
   */
  ageAbsences: (now: Date) => Promise<number>;
  /** Keeps what a refused list said of itself, as far as that could be read. */
  refuse: (code: string, head: { sequence?: number; digest?: string }) => Promise<void>;
  refusals: () => Promise<{ code: string; count: bigint }[]>;
};

export type IssuedLists = {
  /** Stores the list that `make` signs after the last one, or keeps the last where it makes none. */
  issue: (make: (last: ListHeader | undefined) => Promise<SignedList | undefined>) => Promise<ListHeader>;
  headers: (before: number | undefined, limit: number) => Promise<SignedHeader[]>;
  /** One of the newest lists; the rows of older ones are not kept. */
  find: (sequence: number) => Promise<SignedList | undefined>;
  /** False: there is no such list. Only the first word of a peer on a list is kept. */
  acknowledge: (sequence: number, peer: string, outcome: string) => Promise<boolean>;
  lastSequence: () => Promise<number>;
};

export type Ports = {
  arrangement: Arrangement;
  partner: Partner | undefined;
  signer: Signer;
  verifySignature: VerifySignature;
  received: ReceivedLists;
  issued: IssuedLists;
  /** Our operators, complete up to a time of our database's clock at or after this call. */
  ownOperators: () => Promise<OwnOperator[]>;
  now: () => Date;
};
