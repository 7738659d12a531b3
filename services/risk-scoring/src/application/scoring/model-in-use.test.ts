import { AppError } from '@aeo/platform/errors';
import { expect, test } from 'vitest';
import { modelInUse } from './model-in-use.ts';
import type { StoredModel } from '../../ports.ts';

const modelOf = (version: bigint): StoredModel => ({
  modelId: `model-${version}`,
  version,
  scorecard: { encodings: [], baseLogOdds: 0, means: [], deviations: [], weights: [], intercept: 0 },
});

/** A store that another instance writes to, and a clock that the test sets. */
function setUp() {
  const state = {
    stored: undefined as StoredModel | undefined,
    unavailable: false,
    queries: 0,
    nowMs: 50_000,
  };
  const find = (newerThan: bigint) => {
    state.queries += 1;
    if (state.unavailable) return Promise.reject(new AppError('unavailable', 'UNAVAILABLE', 'no answer'));
    const { stored } = state;
    return Promise.resolve(stored !== undefined && stored.version > newerThan ? stored : undefined);
  };
  const model = modelInUse(find, () => state.nowMs);
  const version = async () => (await model.current())?.version;
  return { state, model, version };
}

/** Lets a query that runs beside scoring end. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a call before the first training does not keep later calls from finding the model', async () => {
  const { state, version } = setUp();
  expect(await version()).toBeUndefined();
  state.stored = modelOf(1n);
  expect(await version()).toBe(1n);
});

test('a model of another instance is found within a second, by one query', async () => {
  const { state, version } = setUp();
  state.stored = modelOf(1n);
  await version();
  state.stored = modelOf(2n);
  state.nowMs += 999;
  for (let calls = 0; calls < 10; calls += 1) expect(await version()).toBe(1n);
  expect(state.queries).toBe(1);
  state.nowMs += 1;
  for (let calls = 0; calls < 10; calls += 1) await version();
  await settled();
  expect(await version()).toBe(2n);
  expect(state.queries).toBe(2);
});

test('the present model is used while the store does not answer; without one the call fails', async () => {
  const { state, version } = setUp();
  state.unavailable = true;
  await expect(version()).rejects.toMatchObject({ code: 'unavailable' });
  state.unavailable = false;
  state.stored = modelOf(1n);
  expect(await version()).toBe(1n);
  state.unavailable = true;
  state.nowMs += 1_000;
  expect(await version()).toBe(1n);
  await settled();
  expect(await version()).toBe(1n);
});

test('a model trained by this instance is used at once', async () => {
  const { state, model, version } = setUp();
  state.stored = modelOf(1n);
  await version();
  state.stored = modelOf(2n);
  await model.refresh();
  expect(await version()).toBe(2n);
});
