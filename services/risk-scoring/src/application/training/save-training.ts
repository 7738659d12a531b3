import type { riskTables } from '@aeo/proto';
import type { NewModel, Ports, RecordedScore, ScoreWindow } from '../../ports.ts';

/** What a training produces, saved as a whole or not at all. */
export type TrainingOutcome = {
  model: NewModel;
  scores: RecordedScore[];
  purpose: number;
  /** The table from the window of declarations decided so far, undefined where there are none. */
  tableFor: (window: ScoreWindow | undefined, version: bigint) => riskTables.ThresholdTable;
};

/** Saves the model and its scores, and publishes the table of the next version, in one transaction. */
export function saveTraining(
  { withThresholds }: Pick<Ports, 'withThresholds'>,
  { model, scores, purpose, tableFor }: TrainingOutcome,
): Promise<{ modelId: string; modelVersion: bigint; table: riskTables.ThresholdTable }> {
  return withThresholds(async (unit) => {
    const { modelId, version } = await unit.saveModel(model);
    await unit.saveTrainingScores(purpose, scores);
    const window = await unit.readDecidedWindow(purpose);
    const table = tableFor(window, await unit.nextTableVersion(purpose));
    await unit.publishTable(table);
    return { modelId, modelVersion: version, table };
  });
}
