import { AppError } from '@aeo/platform/errors';
import { expect, test } from 'vitest';
import { modelInUse } from './model-in-use.ts';
import type { StoredModel } from '../../ports.ts';

const modelOf = (version: bigint): StoredModel => ({
  modelId: `model-${version}`,
  version,
  scorecard: { encodings: [], baseLogOdds: 0, means: [], deviations: [], weights: [], intercept: 0 },
});

/** A store another instance writes to, and a clock that moves when told. */
function setUp() {
  const state = { stored: undefined as StoredModel | undefined, away: false, looks: 0, nowMs: 50_000 };
  const find = (newerThan: bigint) => {
    state.looks += 1;
    if (state.away) return Promise.reject(new AppError('unavailable', 'UNAVAILABLE', 'away'));
    const { stored } = state;
    return Promise.resolve(stored !== undefined && stored.version > newerThan ? stored : undefined);
  };
  const model = modelInUse(find, () => state.nowMs);
  const version = async () => (await model.current())?.version;
  return { state, model, version };
}

/** Lets a look that goes on beside scoring come to its end. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('asked before the first training, it finds the model as soon as there is one', async () => {
  const { state, version } = setUp();
  expect(await version()).toBeUndefined();
  state.stored = modelOf(1n);
  expect(await version()).toBe(1n);
});

test('a training elsewhere is noticed within a second, by one look', async () => {
  const { state, version } = setUp();
  state.stored = modelOf(1n);
  await version();
  state.stored = modelOf(2n);
  state.nowMs += 999;
  for (let asked = 0; asked < 10; asked += 1) expect(await version()).toBe(1n);
  expect(state.looks).toBe(1);
  state.nowMs += 1;
  for (let asked = 0; asked < 10; asked += 1) await version();
  await settled();
  expect(await version()).toBe(2n);
  expect(state.looks).toBe(2);
});

test('while the store is away the model held serves; without one the caller learns why', async () => {
  const { state, version } = setUp();
  state.away = true;
  await expect(version()).rejects.toMatchObject({ code: 'unavailable' });
  state.away = false;
  state.stored = modelOf(1n);
  expect(await version()).toBe(1n);
  state.away = true;
  state.nowMs += 1_000;
  expect(await version()).toBe(1n);
  await settled();
  expect(await version()).toBe(1n);
});

test('after a training of its own the new model serves at once', async () => {
  const { state, model, version } = setUp();
  state.stored = modelOf(1n);
  await version();
  state.stored = modelOf(2n);
  await model.refresh();
  expect(await version()).toBe(2n);
});
