import type { CallContext } from '@aeo/platform/grpc';
import { riskService } from '@aeo/proto';
import { expect, test } from 'vitest';
import type { Ports, RecordedScore, StoredExample } from '../../ports.ts';
import { trainModel } from './train-model.ts';

const exampleOf = (declaredOn: string, finding: boolean): StoredExample => ({
  declarationId: `${declaredOn}-${finding}`,
  office: '40',
  declaredOn,
  finding,
  group: declaredOn,
  observation: { categories: [], numbers: [] },
});

/** Hands the transaction of a training nothing decided yet, and collects the scores it saves. */
const savingTo =
  (saved: RecordedScore[]): Ports['withThresholds'] =>
  (work) =>
    work({
      readWindow: () => Promise.resolve(undefined),
      readDecidedWindow: () => Promise.resolve(undefined),
      saveModel: () => Promise.resolve({ modelId: 'model', version: 1n }),
      saveTrainingScores: (_, scores) => Promise.resolve(void saved.push(...scores)),
      nextTableVersion: () => Promise.resolve(1n),
      publishTable: () => Promise.resolve(),
    });

test('a training saves the scores that thresholds may need, not those of all the history', async () => {
  const saved: RecordedScore[] = [];
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
    withThresholds: savingTo(saved),
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
  expect(new Set(saved.map(({ declaredOn }) => declaredOn))).toEqual(new Set(['2020-11-02', '2020-12-31']));
});
