import { riskService } from '@aeo/proto';
import { expect, test } from 'vitest';
import { readDeclarationsFile } from './declarations-file.ts';
import { reportText, scoringReport } from './scoring-report.ts';

const { rows } = readDeclarationsFile('infra/data/2021-q1.csv');
const trained = riskService.TrainModelResponse.fromPartial({
  thresholds: { pooled: { red: 300 }, offices: [{ office: '40', thresholds: { red: 900 } }] },
});

const certification = {
  operators: 0,
  applications: 0,
  certificates: {},
  notMet: {},
  problems: {},
  activeOnTopic: 0,
};

test('each office is held to its own threshold and the rest to the pool', () => {
  const some = rows.slice(0, 400);
  const base = new Map(some.map((row) => [row.declarationId, 500]));
  const declarations = { rows: some, refused: [] };
  const scores = { base, refused: [] };
  const report = scoringReport({
    history: declarations,
    declarations,
    trained,
    certification,
    scores,
    seconds: 1,
  });
  const elsewhere = some.filter(({ office }) => office !== '40');
  expect(report.selectedByScore).toMatchObject({
    declarations: elsewhere.length,
    found: elsewhere.filter(({ finding }) => finding).length,
  });
  expect(reportText(report)).toContain(`${elsewhere.length} (`);
});

test('with nothing scored there is no precision', () => {
  const declarations = { rows: [], refused: [] };
  const scores = { base: new Map<string, number>(), refused: [] };
  const report = scoringReport({
    history: declarations,
    declarations,
    trained,
    certification,
    scores,
    seconds: 1,
  });
  expect(report.selectedByScore).toEqual({
    declarations: 0,
    share: 0,
    found: 0,
    precision: null,
    ci95: null,
  });
});
