import type { riskTables } from '@aeo/proto';
import type { ScoreCell } from './domain/thresholds/threshold-table.ts';
import type { Example } from './domain/scoring/training-set.ts';
import type { Observation } from './domain/scoring/observation.ts';
import type { RuleSet } from './domain/rules/rule-set.ts';
import type { Scorecard } from './domain/scoring/scorecard.ts';
import type { Metric, Trained } from './domain/scoring/train.ts';

/** A past declaration with its outcome, which all its items share. */
export type HistoryDeclaration = {
  declarationId: string;
  declaredOn: string;
  office: string;
  finding: boolean;
  /** Of everything that was sent about it, 32 bytes. */
  contentHash: Buffer;
  items: { itemNumber: number; observation: Observation }[];
};

export type StoredExample = Example & { declarationId: string; office: string; declaredOn: string };

export type StoredModel = { modelId: string; version: bigint; scorecard: Scorecard };

export type NewModel = { seed: bigint; dataHash: Buffer; metrics: Metric[]; scorecard: Scorecard };

/** A base score, before any credit; `selected` where the threshold in force sent it to inspection. */
export type RecordedScore = {
  declarationId: string;
  office: string;
  /** yyyy-mm-dd in the declarations' own time. */
  declaredOn: string;
  base: number;
  selected: boolean;
};

/** Makes the table for the version it gets; the same bytes are kept and published. */
export type MakeTable = (version: bigint) => riskTables.ThresholdTable;

/** What a trained model leaves behind, all of it or nothing. */
export type TrainingOutcome = {
  model: NewModel;
  scores: RecordedScore[];
  purpose: number;
  /** Makes the table from the window of declarations decided so far, undefined where there are none. */
  tableFor: (window: ScoreWindow | undefined) => MakeTable;
};

/** Scores of the window that ends with the newest day, and the table in force. */
export type ScoreWindow = { endsOn: string; cells: ScoreCell[]; table: riskTables.ThresholdTable };

/** For how many days: scores by the declarations' own time before the window's end, feedback since it was recorded. */
export type Kept = { scoreDays: number; feedbackDays: number };

export type Feedback = {
  controlId: string;
  declarationId: string;
  declaredOn: string;
  kind: number;
  outcome: number;
  selection: number;
  probabilityPpm: number;
};

export type FeedbackCount = { selection: number; controls: bigint; findings: bigint };

export type Ports = {
  /**
   * Adds declarations and leaves those already held as they are; returns how many items were new.
   *
   * @throws AppError `conflict` KEY_REUSED, adding nothing, where one is held with other content; the paths name it by
   * its place, as `rows[3].declaration`
   */
  addHistory: (rows: readonly HistoryDeclaration[]) => Promise<number>;
  history: () => Promise<StoredExample[]>;
  /** Computes on a thread of its own. */
  train: (examples: StoredExample[], seed: number) => Promise<Trained>;
  saveTraining: (
    outcome: TrainingOutcome,
  ) => Promise<{ modelId: string; modelVersion: bigint; table: riskTables.ThresholdTable }>;
  /** The newest model, where it is newer than this version; 0 is older than any. */
  findNewerModel: (version: bigint) => Promise<StoredModel | undefined>;
  /** The table of a version, the newest for 0. */
  findThresholdTable: (purpose: number, version: bigint) => Promise<riskTables.ThresholdTable | undefined>;
  /** Keeps the first score a declaration was decided on, and leaves it as it is. */
  recordScore: (purpose: number, score: RecordedScore) => Promise<void>;
  /**
   * One leader at a time, in one transaction: looks at the window and publishes what `compute` makes of it, if
   * anything. Before the first training there is nothing to compute.
   *
   * @returns false where another instance is at it: it may not have seen the newest scores
   */
  leadThresholds: (
    purpose: number,
    compute: (window: ScoreWindow) => MakeTable | undefined,
  ) => Promise<boolean>;
  /** Deletes a bounded number of rows older than that, as one leader; true where more may be left. */
  forgetOld: (kept: Kept) => Promise<boolean>;
  recordFeedback: (feedback: Feedback) => Promise<void>;
  countFeedback: (from: string | undefined, until: string | undefined) => Promise<FeedbackCount[]>;
  /** @throws AppError `conflict` where this version, or a higher one of any set, was loaded with other content */
  publishRuleSet: (set: RuleSet) => Promise<void>;
};
