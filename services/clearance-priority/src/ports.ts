import type { ClockReading } from '@aeo/platform/clock';
import type { AppError } from '@aeo/platform/errors';
import type { clearanceControl, common, declaration, riskService } from '@aeo/proto';
import type { RandomDraw } from './domain/decision/draw.ts';
import type { Recorded } from './domain/decision/recorded.ts';
import type { Decision } from './domain/decision/settle.ts';

/** One declaration version at one stage, to be decided. */
export type Request = {
  declaration: declaration.Declaration;
  contentHash: Buffer;
  stage: common.Stage;
  probe: boolean;
  correlationId: string;
  /** When it was answered without a record, where it was: its consignment is drawn under the key of that day. */
  acceptedAt?: Date | undefined;
  /** Runs work in the trace of the request. */
  inTrace: <T>(work: () => T) => T;
};

/**
 * `once` always answers: what cannot be recorded is decided without benefits and spooled. `record` is for callers that
 * retry by themselves: they are refused instead. `again` requests a new revision although the stage has one, and is
 * refused likewise.
 */
export type Mode = 'once' | 'record' | 'again';

export type Result = Recorded | AppError;

/** Decides requests in batches. */
export type Batcher = {
  assess: (request: Request, mode?: Mode) => Promise<Result>;
};

/** What is already on record about a declaration version and its consignment. */
export type Known = {
  contentHash: Buffer | undefined;
  /** Whether it was decided as a probe; undefined where it was not decided. */
  probe: boolean | undefined;
  /** The newest revision of the stage asked for; where it has none, of a later stage. */
  standing: Recorded | undefined;
  revisionMax: number;
  /** A later stage was decided, so that nothing of this stage is decided any more. */
  passed: boolean;
  /** A control of the goods was recorded. */
  controlled: boolean;
  /** What the consignment, or an earlier version of the declaration, was drawn, and under which key. */
  draw: RandomDraw | undefined;
  consignment: string | undefined;
  /** The database's clock. */
  at: Date | undefined;
};

/** A new decision with what must be true of it when it is written. */
export type Candidate = {
  request: Request;
  decision: Decision;
  consignment: string;
  /** Replaces what stands for the same stage, which is refused once a control of the goods was recorded. */
  again: boolean;
  /** The oldest `as_of` among the sources whose status counted; undefined where none did. */
  benefitAsOf: Date | undefined;
};

export type Outcome =
  | { kind: 'recorded'; recorded: Recorded }
  /** Another node was first. */
  | { kind: 'lost' }
  /** The status was too old by the database's clock. */
  | { kind: 'stale' };

export type ProvisionalRow = {
  declaration: declaration.Declaration;
  stage: common.Stage;
  probe: boolean;
  /** When it was first answered without a record; undefined where it was not. */
  acceptedAt?: Date | undefined;
};

/** An operator whose status changed; decisions made before this time, by the database's clock, may not know. */
export type StatusChange = { operatorId: string; decidedBefore: Date };

/** The last row of a page. */
export type Place = { declarationId: string; version: number };

export type ControlRecord = Omit<
  clearanceControl.ControlResult,
  | 'selection'
  | 'selectionProbabilityPpm'
  | 'parties'
  | 'declaredOn'
  | 'probe'
  | 'completedAt'
  | '_unknownFields'
>;

export type DecisionStore = {
  lookUp: (requests: readonly Request[]) => Promise<Known[]>;
  /** One commit for all: keys, ledger, outbox. The outcomes are in the order of the candidates. */
  record: (candidates: readonly Candidate[]) => Promise<Outcome[]>;
  /** The newest revision for 0, of the newest version for 0. */
  find: (declarationId: string, version: number, revision: number) => Promise<Recorded | undefined>;
  /** Open decisions that matched one of these operators before its status changed; a page in the order of ids. */
  concerned: (
    changes: readonly StatusChange[],
    after: Place | undefined,
    limit: number,
  ) => Promise<ProvisionalRow[]>;
  /** Open decisions degraded before a time; a page in the order of ids. */
  degraded: (before: Date, after: Place | undefined, limit: number) => Promise<ProvisionalRow[]>;
  /** @throws AppError `not_found` without a decision, `conflict` KEY_REUSED for another content */
  recordControl: (control: ControlRecord) => Promise<Date>;
  countBenefits: (
    by: BenefitsBy,
    days: { from: string | undefined; until: string | undefined },
    page: KeyPage,
  ) => Promise<BenefitCount[]>;
};

/** At most so many rows, of keys after the one named, in the order of their bytes. */
export type KeyPage = { after: string | undefined; limit: number };

export type BenefitsBy = 'tier' | 'size' | 'arrangement' | 'office';

export type BenefitCount = {
  key: string;
  declarations: bigint;
  inspected: bigint;
  inspectedWithoutStatus: bigint;
};

export type Scorer = {
  /** Undefined for every declaration whose score did not come in time. */
  score: (requests: readonly Request[], timeoutMs: number) => Promise<(riskService.Score | undefined)[]>;
};

export type Spool = {
  /** A request that was kept before is not kept twice. @throws AppError `internal` where the disk takes nothing more */
  keep: (requests: readonly Request[], acceptedAt: Date) => Promise<void>;
  /**
   * Hands over what is kept, oldest first, in chunks of 200 at most, each with the number of pieces in it that could
   * not be read. A chunk is forgotten once it was taken.
   */
  drain: (take: (rows: ProvisionalRow[], torn: number) => Promise<void>) => Promise<void>;
  /** Puts a row that cannot be recorded where a person finds it; false where it lies there already. */
  setAside: (row: ProvisionalRow, reason: string) => Promise<boolean>;
};

export type Clock = { read: () => ClockReading | undefined };
