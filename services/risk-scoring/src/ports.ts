import type { RecordedScore } from './domain/threshold-table.ts';
import type { Example } from './domain/training-set.ts';
import type { Observation } from './domain/observation.ts';
import type { Scorecard } from './domain/scorecard.ts';
import type { Metric } from './domain/train.ts';

export type HistoryItem = {
  declarationId: string;
  itemNumber: number;
  declaredOn: string;
  office: string;
  observation: Observation;
  finding: boolean;
};

export type StoredExample = Example & { declarationId: string; office: string; declaredOn: string };

export type StoredModel = { modelId: string; version: bigint; scorecard: Scorecard };

export type NewModel = { seed: bigint; dataHash: Buffer; metrics: Metric[]; scorecard: Scorecard };

/** What a trained model leaves behind, all of it or nothing. */
export type TrainingOutcome = {
  model: NewModel;
  scores: (RecordedScore & { declarationId: string })[];
  purpose: number;
  /** Encodes the table for the version it gets; the same bytes are kept and published. */
  encodeTable(version: bigint): Uint8Array;
};

export type Ports = {
  /** Adds items and leaves those already held as they are; returns how many were new. */
  addHistory(items: readonly HistoryItem[]): Promise<number>;
  history(): Promise<StoredExample[]>;
  saveTraining(
    outcome: TrainingOutcome,
  ): Promise<{ modelId: string; modelVersion: bigint; tableVersion: bigint }>;
  newestModel(): Promise<StoredModel | undefined>;
  /** The encoded table of a version, the newest for 0. */
  findThresholdTable(purpose: number, version: bigint): Promise<Uint8Array | undefined>;
};
