import type { OutboxEvent } from '@aeo/platform/outbox';
import type { JSONWebKeySet } from 'jose';
import type { Arrangement } from './domain/arrangement/arrangement.ts';
import type { Changes, PartnerOperator } from './domain/list/changes.ts';
import type { ListAwaitingApproval, WaitingMembers } from './domain/list/list-awaiting-approval.ts';
import type { ListHeader, ListRow } from './domain/list/list.ts';
import type { OwnOperator } from './domain/list/own-operators.ts';
import type { LastAcceptedList, ListOfSameSequence, ReceivedList } from './domain/list/verify-list.ts';

export type SignedHeader = { header: ListHeader; signature: string };

export type SignedList = SignedHeader & { rows: ListRow[] };

/** A list as the partner sends it: its rows are checked when it is judged. */
type FetchedList = SignedHeader & { rows: unknown[] };

/** The partner's end, over mTLS HTTPS. What it sends is not trusted before it is verified. */
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

export type SignedReceivedList = ReceivedList & { signature: string };

export type ReceivedSummary = LastAcceptedList & { recognised: number; receivedAt: Date; activated: boolean };

export type AwaitingSummary = {
  sequence: number;
  count: number;
  removed: number;
  pulledBy: string;
  waitingSince: Date;
};

export type ApprovalDecision = {
  sequence: number;
  decision: 'released' | 'refused';
  decidedBy: string;
  reason: string;
};

/** A list as it is published: what it holds for each partition of the status topic. */
export type PublishedList = {
  header: ListHeader;
  receivedAt: Date;
  partitionCounts: readonly number[];
};

export type AcceptedList = SignedList & { recognised: number; partitionCounts: readonly number[] };

export type OwedSuspension = { operator: PartnerOperator; receivedAt: Date | undefined };

/** Lists of the partner that were accepted. */
export type AcceptedLists = {
  /** The list accepted last, whether or not it is in force yet. */
  findLast: () => Promise<ReceivedSummary | undefined>;
  /** The list whose activation was published last; undefined before the first. */
  findInForce: () => Promise<PublishedList | undefined>;
  save: (list: AcceptedList) => Promise<void>;
  /** The list accepted last, where its activation is still to be published. */
  findOwedActivation: () => Promise<PublishedList | undefined>;
  /** False where this list, and every one before it, was activated already. */
  markActivated: (sequence: number) => Promise<boolean>;
  /** When each of these lists was received. */
  receiptTimes: (sequences: readonly number[]) => Promise<Map<number, Date>>;
  /** Keeps both headers of a partner that signed one sequence twice, whether the first is accepted or waits. */
  saveEquivocation: (other: SignedHeader) => Promise<void>;
};

/** A list that removes so many operators that a second person has to decide on it. */
export type NewAwaitingList = { list: SignedReceivedList; removed: number; pulledBy: string };

/** Lists whose absences wait, or waited, for a second person. */
export type ListsAwaitingApproval = {
  findHeader: (sequence: number) => Promise<ListOfSameSequence | undefined>;
  find: (
    sequence: number,
  ) => Promise<(ListAwaitingApproval<unknown[]> & { received: SignedReceivedList }) | undefined>;
  /** Keeps the list as it was first pulled, and the rows of the newest `rowsKept` lists. */
  save: (waiting: NewAwaitingList, rowsKept: number) => Promise<void>;
  saveDecision: (decision: ApprovalDecision) => Promise<void>;
  /** Removes the rows of lists up to a sequence: on those no decision is possible any more. */
  dropRowsUpTo: (sequence: number) => Promise<void>;
  /** Of the lists that wait, oldest first. */
  members: () => Promise<WaitingMembers[]>;
};

/** The partner's operators, each with what is owed for it to the status topic. */
export type PartnerOperators = {
  all: () => Promise<Map<string, PartnerOperator>>;
  saveChanges: (changes: Changes) => Promise<void>;
  anyAbsenceUnanswered: () => Promise<boolean>;
  toggleAbsenceUnanswered: (operatorIds: readonly string[]) => Promise<void>;
  /** What is taken is owed no more. */
  takeOwedSuspensions: (limit: number) => Promise<OwedSuspension[]>;
  takeOwedMemberships: (limit: number) => Promise<PartnerOperator[]>;
  oweSuspension: (operatorId: string) => Promise<void>;
  oweMembership: (operatorId: string) => Promise<void>;
  /** All memberships, and suspensions where there was one. */
  oweEverything: () => Promise<void>;
};

export type IssuedListStore = {
  findLast: () => Promise<ListHeader | undefined>;
  /** Keeps the list, and the rows of the newest `rowsKept` lists. */
  save: (list: SignedList, rowsKept: number) => Promise<void>;
};

/** One transaction under an arrangement, in which no other changes anything of that arrangement. */
export type ArrangementTransaction = {
  accepted: AcceptedLists;
  awaitingApproval: ListsAwaitingApproval;
  operators: PartnerOperators;
  issued: IssuedListStore;
  appendToOutbox: (events: readonly OutboxEvent[]) => Promise<void>;
  afterCommit: (callback: () => void) => void;
};

/** What is read or kept of the partner's lists outside such a transaction. */
export type ReceivedLists = {
  pinnedKeys: () => Promise<JSONWebKeySet | undefined>;
  /** Keeps the keys received first. */
  pinKeys: (keys: JSONWebKeySet) => Promise<void>;
  findLastAccepted: () => Promise<ReceivedSummary | undefined>;
  findInForce: () => Promise<PublishedList | undefined>;
  /** Newest first. */
  listAwaitingApproval: () => Promise<AwaitingSummary[]>;
  /** Keeps the code, and the head of the refused list as far as that could be read. */
  saveRefusal: (code: string, head: { sequence?: number; digest?: string }) => Promise<void>;
  countRefusals: () => Promise<{ code: string; count: bigint }[]>;
};

export type IssuedLists = {
  headers: (before: number | undefined, limit: number) => Promise<SignedHeader[]>;
  /** One of the newest lists; the rows of older ones are not kept. */
  find: (sequence: number) => Promise<SignedList | undefined>;
  /** False: there is no such list. Only the first acknowledgement of a peer for a list is kept. */
  acknowledge: (sequence: number, peer: string, outcome: string) => Promise<boolean>;
  lastSequence: () => Promise<number>;
};

/** Rows that wait in the outbox; the relay deletes a row once Kafka has acknowledged it. */
export type OutboxBacklog = {
  holdsMoreThan: (rows: number) => Promise<boolean>;
  /** 0 while it is empty. */
  newestId: () => Promise<bigint>;
  holdsUpTo: (id: bigint) => Promise<boolean>;
};

export type Ports = {
  arrangement: Arrangement;
  /** The epoch under which statuses are published. */
  epoch: bigint;
  partner: Partner | undefined;
  signer: Signer;
  verifySignature: VerifySignature;
  withArrangement: <T>(id: string, work: (unit: ArrangementTransaction) => Promise<T>) => Promise<T>;
  outbox: OutboxBacklog;
  received: ReceivedLists;
  issued: IssuedLists;
  /** Our operators, complete up to a time of our database's clock at or after this call. */
  ownOperators: () => Promise<OwnOperator[]>;
  /** Called after a list was kept that suspends very many operators at once. */
  onManySuspended: (operators: number) => void;
  now: () => Date;
};
