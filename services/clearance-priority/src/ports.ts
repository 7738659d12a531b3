import type { ClockReading } from '@aeo/platform/clock';
import type { clearanceControl, common, declaration, riskService } from '@aeo/proto';
import type { RandomDraw } from './domain/decision/draw.ts';
import type { Decision } from './domain/decision/settle.ts';

/** One declaration version at one stage, to be decided. */
export type Request = {
  declaration: declaration.Declaration;
  contentHash: Buffer;
  stage: common.Stage;
  probe: boolean;
  correlationId: string;
  /** Runs work in the trace of the request. */
  inTrace: <T>(work: () => T) => T;
};

/** A decision as recorded: its exact bytes and the database's clock at the commit; no clock where unrecorded. */
export type Recorded = { record: Uint8Array; decidedAt: Date | undefined };

/** What is already on record about a declaration version and its consignment. */
export type Known = {
  contentHash: Buffer | undefined;
  /** The newest revision of the stage asked for. */
  standing: Recorded | undefined;
  revisionMax: number;
  draw: RandomDraw | undefined;
};

/** A new decision with what must be true of it when it is written. */
export type Candidate = {
  request: Request;
  decision: Decision;
  consignment: string;
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
};

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
  /** Degraded decisions, and those that matched one of these operators, oldest first. */
  provisional: (
    operators: readonly string[],
    degradedBefore: Date | undefined,
    limit: number,
  ) => Promise<ProvisionalRow[]>;
  /** @throws AppError `not_found` without a decision, `conflict` KEY_REUSED for another content */
  recordControl: (control: ControlRecord) => Promise<Date>;
  countBenefits: (
    by: BenefitsBy,
    days: { from: string | undefined; until: string | undefined },
  ) => Promise<BenefitCount[]>;
};

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
  keep: (request: Request) => Promise<void>;
  /** Hands over what is kept, oldest first, and forgets what was taken. */
  drain: (take: (rows: ProvisionalRow[]) => Promise<void>) => Promise<number>;
};

export type Clock = { read: () => ClockReading | undefined };
