import type { riskTables } from '@aeo/proto';
import type { ScoreCell } from './domain/thresholds/threshold-table.ts';
import type { Example } from './domain/scoring/training-set.ts';
import type { Observation } from './domain/scoring/observation.ts';
import type { RiskRule } from './domain/rules/rule-set.ts';
import type { Scorecard } from './domain/scoring/scorecard.ts';
import type { Metric, Trained } from './domain/scoring/train.ts';

/** A past declaration with its outcome, which all its items share. */
export type HistoryDeclaration = {
  declarationId: string;
  declaredOn: string;
  office: string;
  finding: boolean;
  /** The hash of all fields of the declaration and its outcome, 32 bytes. */
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

/** Scores of the window that ends with the newest day, and the table in force. */
export type ScoreWindow = { endsOn: string; cells: ScoreCell[]; table: riskTables.ThresholdTable };

/** One transaction in which no other instance publishes a threshold table. */
export type ThresholdTransaction = {
  /** The window and the table in force; undefined before the first training. */
  readWindow: (purpose: number) => Promise<ScoreWindow | undefined>;
  /** The same; undefined while no declaration has been decided on a score. */
  readDecidedWindow: (purpose: number) => Promise<ScoreWindow | undefined>;
  saveModel: (model: NewModel) => Promise<{ modelId: string; version: bigint }>;
  /** The scores of a training stand in for those that no declaration was decided on yet. */
  saveTrainingScores: (purpose: number, scores: readonly RecordedScore[]) => Promise<void>;
  nextTableVersion: (purpose: number) => Promise<bigint>;
  /** Stores the table and puts the same bytes into the outbox. */
  publishTable: (table: riskTables.ThresholdTable) => Promise<void>;
};

export type PublishedRuleSet = { id: string; version: number; mandatory: RiskRule[]; contentHash: Buffer };

/** One transaction in which no other instance publishes a rule set. */
export type RuleSetTransaction = {
  /** That of the highest version, whatever its id. */
  findNewest: () => Promise<PublishedRuleSet | undefined>;
  save: (set: PublishedRuleSet) => Promise<void>;
  publish: (rules: readonly riskTables.MandatoryRule[]) => Promise<void>;
};

/** For how many days: scores by the declarations' own time before the window's end, feedback since it was recorded. */
export type RetentionDays = { scores: number; feedback: number };

type Feedback = {
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
   * Adds declarations and does not change those already stored; returns how many items were new.
   *
   * @throws AppError `conflict` KEY_REUSED, adding nothing, where one is stored with other content; the paths name it by
   * its position, as `rows[3].declaration`
   */
  addHistory: (rows: readonly HistoryDeclaration[]) => Promise<number>;
  history: () => Promise<StoredExample[]>;
  /** Computes on a separate thread. */
  train: (examples: StoredExample[], seed: number) => Promise<Trained>;
  /** Waits until no other instance publishes a table. */
  withThresholds: <T>(work: (unit: ThresholdTransaction) => Promise<T>) => Promise<T>;
  /** False, without any work, where another instance publishes a table. */
  tryWithThresholds: (work: (unit: ThresholdTransaction) => Promise<void>) => Promise<boolean>;
  /** The newest model, where it is newer than this version; 0 is older than any. */
  findNewerModel: (version: bigint) => Promise<StoredModel | undefined>;
  /** The table of a version, the newest for 0. */
  findThresholdTable: (purpose: number, version: bigint) => Promise<riskTables.ThresholdTable | undefined>;
  /** Keeps the first score a declaration was decided on, and ignores later ones. */
  recordScore: (purpose: number, score: RecordedScore) => Promise<void>;
  /** Deletes a bounded number of older rows, as one leader; true where more may be left. */
  deleteOld: (kept: RetentionDays) => Promise<boolean>;
  recordFeedback: (feedback: Feedback) => Promise<void>;
  countFeedback: (from: string | undefined, until: string | undefined) => Promise<FeedbackCount[]>;
  withRuleSets: <T>(work: (unit: RuleSetTransaction) => Promise<T>) => Promise<T>;
};
