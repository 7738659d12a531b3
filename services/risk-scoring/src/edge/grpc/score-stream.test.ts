import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { CallContext } from '@aeo/platform/grpc';
import { startTelemetry } from '@aeo/platform/telemetry/sdk';
import { traceparent } from '@aeo/platform/trace';
import { common, riskService } from '@aeo/proto';
import { expect, test } from 'vitest';
import { AppError } from '@aeo/platform/errors';
import { observe } from '../../domain/scoring/observation.ts';
import type { StoredModel } from '../../ports.ts';
import { scorableItems } from '../scorable-items.ts';
import { scoreStream, type ScoringPorts } from './score-stream.ts';

startTelemetry({});

const declaration = {
  declarationId: 'one',
  version: 1,
  kind: common.DeclarationKind.IMPORT,
  office: '20',
  declaredOn: '2021-01-01',
  direction: common.Direction.IMPORT,
  transportMode: common.TransportMode.SEA,
  parties: [{ role: common.PartyRole.IMPORTER }],
  items: [{ number: 1, hs6: '440890' }],
};
const itemOf = (requestId: string, extra: Partial<riskService.ScoreItem> = {}) =>
  riskService.ScoreItem.fromPartial({ requestId, declaration, ...extra });

const [scorable] = scorableItems(itemOf('').declaration, 'declaration');
const { categories, numbers } = observe(scorable!);
const zeros = [...categories, ...numbers].map(() => 0);
const model: StoredModel = {
  modelId: 'model',
  version: 1n,
  scorecard: {
    encodings: categories.map(() => ({})),
    baseLogOdds: 0,
    intercept: 0,
    means: zeros,
    deviations: zeros.map(() => 1),
    weights: zeros,
  },
};

/** Scoring that takes `costMs` for each declaration, by the clock of the test. */
function setUp(costMs: number, find: () => Promise<StoredModel | undefined> = () => Promise.resolve(model)) {
  const state = { nowMs: 0, traces: [] as string[] };
  const ports: ScoringPorts = {
    model: find,
    rules: {
      version: 1,
      hits: () => {
        state.nowMs += costMs;
        state.traces.push(traceparent());
        return [];
      },
    },
    now: () => new Date(),
    monotonicMs: () => state.nowMs,
  };
  const ask = async (...messages: riskService.ScoreItem[][]) => {
    const answers: riskService.ScoreAnswer[] = [];
    await scoreStream(ports)({
      messages: (async function* () {
        // As from a socket: a message is read when nothing else runs.
        for (const items of messages) {
          await nextTurn();
          yield { items };
        }
      })(),
      send: ({ answers: some }) => Promise.resolve(void answers.push(...some)),
      context: {} as CallContext,
    });
    return answers;
  };
  return { state, ask };
}

const outcomes = (answers: riskService.ScoreAnswer[]) =>
  answers.map(({ requestId, result }) => [
    requestId,
    result?.$case === 'problem' ? result.value.code : result?.$case,
  ]);

test('an item whose deadline has passed when its turn comes is not scored', async () => {
  const { state, ask } = setUp(30);
  const deadlineMs = 50;
  const items = ['a', 'b', 'c', 'd'].map((id) => itemOf(id, { deadlineMs }));
  expect(outcomes(await ask([...items, itemOf('patient')]))).toEqual([
    ['a', 'score'],
    ['b', 'score'],
    ['c', 'unavailable'],
    ['d', 'unavailable'],
    ['patient', 'score'],
  ]);
  expect(state.traces).toHaveLength(3);
});

test('a long message does not keep a short one behind it from being answered', async () => {
  const { ask } = setUp(10);
  const long = Array.from({ length: 20 }, (_, index) => itemOf(`long-${index}`));
  const answers = await ask(long, [itemOf('short', { deadlineMs: 100 })]);
  expect(answers[0]?.requestId).toBe('short');
  expect(outcomes(answers)).toHaveLength(21);
});

test('each item is scored in the trace it names', async () => {
  const { state, ask } = setUp(0);
  const traces = ['1', '2'].map((digit) => `00-${digit.repeat(32)}-${digit.repeat(16)}-01`);
  await ask(traces.map((each, index) => itemOf(`item-${index}`, { traceparent: each })));
  expect(state.traces).toEqual(traces);
});

test('without a model, or its store, every item is answered unavailable and the stream continues', async () => {
  const none = setUp(0, () => Promise.resolve(undefined));
  expect(outcomes(await none.ask([itemOf('a')], [itemOf('b')]))).toEqual([
    ['a', 'unavailable'],
    ['b', 'unavailable'],
  ]);
  const unavailable = setUp(0, async () => {
    await pause(1);
    throw new AppError('unavailable', 'UNAVAILABLE', 'the database does not answer');
  });
  expect(outcomes(await unavailable.ask([itemOf('a')]))).toEqual([['a', 'unavailable']]);
});

test('a message with more items than allowed ends the stream', async () => {
  const { ask } = setUp(0);
  await expect(ask(Array.from({ length: 257 }, () => itemOf('a')))).rejects.toMatchObject({
    reason: 'BATCH_TOO_LARGE',
  });
});
