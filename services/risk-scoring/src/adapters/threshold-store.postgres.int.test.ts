import { fileURLToPath } from 'node:url';
import { connectPostgres, type Database } from '@aeo/platform/postgres';
import { riskTables } from '@aeo/proto';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/setup/stack/database.ts';
import { saveTraining, type TrainingOutcome } from '../application/training/save-training.ts';
import type { RecordedScore, ScoreWindow, ThresholdTransaction } from '../ports.ts';
import { postgresThresholdStore } from './threshold-store.postgres.ts';

const migrations = fileURLToPath(new URL('../../migrations', import.meta.url));
const purpose = 2;
let own: TestDatabase;
let other: Database;

beforeEach(async () => {
  own = await createTestDatabase(inject('stack').postgresUrl, migrations);
  other = await connectPostgres({ url: own.url, applicationName: 'another instance' });
});
afterEach(async () => {
  await other.stop();
  await own.drop();
});

const quiet = () => Promise.resolve();
const scoreOf = (id: number, base: number, selected: boolean): RecordedScore => ({
  declarationId: `declaration-${id}`,
  office: '40',
  declaredOn: '2021-03-20',
  base,
  selected,
});
const tableOf = (version: bigint) =>
  riskTables.ThresholdTable.fromPartial({ purpose, version, windowDays: 30, capacityPermille: 100 });

const train = (database: Database, scores: RecordedScore[], windows: (ScoreWindow | undefined)[] = []) => {
  const outcome: TrainingOutcome = {
    model: {
      seed: 1n,
      dataHash: Buffer.alloc(32),
      metrics: [],
      scorecard: { encodings: [], baseLogOdds: 0, means: [], deviations: [], weights: [], intercept: 0 },
    },
    scores,
    purpose,
    tableFor: (window, version) => {
      windows.push(window);
      return tableOf(version);
    },
  };
  return saveTraining(postgresThresholdStore(database, quiet), outcome);
};

const kept = async () => {
  const { rows } = await own.database.query<{
    base: number;
    selected: boolean;
    live: boolean;
    count: bigint;
  }>('SELECT base, selected, live, count(*) FROM recorded_score GROUP BY 1, 2, 3 ORDER BY 1, 2, 3');
  return rows.map(({ base, selected, live, count }) => [base, selected, live, Number(count)]);
};

test('a training leaves the scores of decisions as they are, and replaces those of trainings', async () => {
  const store = postgresThresholdStore(own.database, quiet);
  const decided = Array.from({ length: 300 }, (_, id) => scoreOf(id, 700, true));
  for (const score of decided) await store.recordScore(purpose, score);
  const past = [1_000, 1_001].map((id) => scoreOf(id, 200, false));
  await train(own.database, [...decided.map((score) => ({ ...score, base: 196, selected: false })), ...past]);
  expect(await kept()).toEqual([
    [200, false, false, 2],
    [700, true, true, 300],
  ]);
  await train(
    own.database,
    past.map((score) => ({ ...score, base: 210 })),
  );
  expect(await kept()).toContainEqual([210, false, false, 2]);
});

test('the first decision replaces the score of a training, the second does not', async () => {
  const store = postgresThresholdStore(own.database, quiet);
  await train(own.database, [scoreOf(1, 200, false)]);
  await store.recordScore(purpose, scoreOf(1, 600, true));
  await store.recordScore(purpose, scoreOf(1, 100, false));
  expect(await kept()).toEqual([[600, true, true, 1]]);
});

test('a retraining makes its table from the declarations decided so far', async () => {
  const windows: (ScoreWindow | undefined)[] = [];
  const past = [{ ...scoreOf(1, 200, false), declaredOn: '2020-12-31' }];
  await train(own.database, past, windows);
  await postgresThresholdStore(own.database, quiet).recordScore(purpose, scoreOf(2, 700, true));
  await train(own.database, past, windows);
  expect(windows).toMatchObject([
    undefined,
    { endsOn: '2021-03-20', cells: [{ office: '40', base: 700, count: 1, selected: 1 }] },
  ]);
});

test('history imported and trained on later does not move the window back', async () => {
  const store = postgresThresholdStore(own.database, quiet);
  await train(own.database, [{ ...scoreOf(1, 200, false), declaredOn: '2020-06-01' }]);
  for (let id = 100; id < 150; id += 1) await store.recordScore(purpose, scoreOf(id, 700, true));
  const more = Array.from({ length: 300 }, (_, id) => ({
    ...scoreOf(1_000 + id, 200, false),
    declaredOn: '2020-12-31',
  }));
  await train(own.database, more);
  const windows: (ScoreWindow | undefined)[] = [];
  await store.tryWithThresholds(async (unit) => void windows.push(await unit.readWindow(purpose)));
  expect(windows).toMatchObject([{ endsOn: '2021-03-20', cells: [{ base: 700, count: 50 }] }]);
});

const publishNext = async (unit: ThresholdTransaction) =>
  unit.publishTable(tableOf(await unit.nextTableVersion(purpose)));

/** A leader that is publishing until it is told to finish. */
async function leaderAtWork(): Promise<{ finish: () => Promise<boolean> }> {
  const atWork = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const append = () => {
    atWork.resolve();
    return goOn.promise;
  };
  const led = postgresThresholdStore(own.database, append).tryWithThresholds(publishNext);
  await Promise.race([atWork.promise, led]);
  return { finish: () => (goOn.resolve(), led) };
}

const versions = async () => {
  const { rows } = await own.database.query<{ version: bigint }>(
    'SELECT version FROM threshold_table ORDER BY version',
  );
  return rows.map(({ version }) => Number(version));
};

test('one of two instances publishes a table at a time, and the other learns that it did not', async () => {
  await train(own.database, [scoreOf(1, 200, false)]);
  const leader = await leaderAtWork();
  let computed = 0;
  const standby = () =>
    postgresThresholdStore(other, quiet).tryWithThresholds((unit) => {
      computed += 1;
      return publishNext(unit);
    });
  expect(await standby()).toBe(false);
  expect(computed).toBe(0);
  expect(await leader.finish()).toBe(true);
  expect(await standby()).toBe(true);
  expect(computed).toBe(1);
  expect(await versions()).toEqual([1, 2, 3]);
});

test('a training waits for the leader and publishes the version after it', async () => {
  await train(own.database, [scoreOf(1, 200, false)]);
  const leader = await leaderAtWork();
  const trained = train(other, [scoreOf(1, 210, false)]);
  const early = await Promise.race([
    trained.then(() => 'early'),
    new Promise((resolve) => setTimeout(() => resolve('waits'), 100)),
  ]);
  expect(early).toBe('waits');
  await leader.finish();
  expect((await trained).table.version).toBe(3n);
  expect(await versions()).toEqual([1, 2, 3]);
});
