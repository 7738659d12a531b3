import type { CallContext } from '@aeo/platform/grpc';
import { riskService } from '@aeo/proto';
import { expect, test } from 'vitest';
import type { StoredExample, TrainingOutcome } from '../../ports.ts';
import { trainModel } from './train-model.ts';

const exampleOf = (declaredOn: string, finding: boolean): StoredExample => ({
  declarationId: `${declaredOn}-${finding}`,
  office: '40',
  declaredOn,
  finding,
  group: declaredOn,
  observation: { categories: [], numbers: [] },
});

test('a training hands over the scores that thresholds may need, not those of all the history', async () => {
  const saved: TrainingOutcome[] = [];
  const days = ['2020-01-01', '2020-10-31', '2020-11-02', '2020-12-31'];
  const examples = days.flatMap((day) => [exampleOf(day, true), exampleOf(day, false)]);
  const handler = trainModel({
    history: () => Promise.resolve(examples),
    train: () =>
      Promise.resolve({
        metrics: [],
        baseScores: Int32Array.from(examples, () => 500),
        scorecard: { encodings: [], baseLogOdds: 0, means: [], deviations: [], weights: [], intercept: 0 },
      }),
    saveTraining: (outcome) => {
      saved.push(outcome);
      return Promise.resolve({ modelId: 'model', modelVersion: 1n, table: outcome.tableFor(undefined)(1n) });
    },
    now: () => new Date(),
  });
  const { rows, thresholds } = await handler(
    riskService.TrainModelRequest.fromPartial({}),
    {} as CallContext,
  );
  expect([rows, thresholds?.windowEndsOn, thresholds?.pooled?.windowDeclarations]).toEqual([
    8n,
    '2020-12-31',
    2n,
  ]);
  expect(new Set(saved[0]?.scores.map(({ declaredOn }) => declaredOn))).toEqual(
    new Set(['2020-11-02', '2020-12-31']),
  );
});
