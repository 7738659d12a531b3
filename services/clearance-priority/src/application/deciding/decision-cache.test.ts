import { AppError } from '@aeo/platform/errors';
import { clearanceDecision, common, contentHash, declaration } from '@aeo/proto';
import { expect, test } from 'vitest';
import type { Recorded } from '../../domain/decision/recorded.ts';
import type { Mode, Request, Result } from '../../ports.ts';
import { withDecisionCache } from './decision-cache.ts';

const { PRE_ARRIVAL, PRESENTATION } = common.Stage;

function requestOf(declarationId: string, extra: Partial<Request> = {}, office = '10'): Request {
  const declared = declaration.Declaration.fromPartial({ declarationId, version: 1, office });
  const rest = {
    stage: PRESENTATION,
    probe: false,
    correlationId: '',
    inTrace: <T>(work: () => T) => work(),
  };
  return { declaration: declared, contentHash: contentHash(declared), ...rest, ...extra };
}

function setUp(provisional = false) {
  const entries = new Map<string, Buffer>();
  const cache = {
    name: 'cache',
    getMany: (keys: readonly string[]) => Promise.resolve(keys.map((key) => entries.get(key))),
    setMany: (added: readonly [string, Uint8Array][]) => {
      for (const [key, value] of added) entries.set(key, Buffer.from(value));
      return Promise.resolve();
    },
    stop: () => Promise.resolve(),
  };
  const asked: string[] = [];
  const assess = withDecisionCache(cache, (requests: Request[], mode: Mode): Promise<Result[]> => {
    asked.push(...requests.map(({ declaration: { declarationId } }) => `${mode} ${declarationId}`));
    const decision = clearanceDecision.Decision.fromPartial({ declarationId: 'D', provisional });
    const bytes = clearanceDecision.Decision.encode(decision).finish();
    return Promise.resolve(
      requests.map(({ declaration: { declarationId } }) =>
        declarationId === 'refused'
          ? new AppError('conflict', 'KEY_REUSED', 'no')
          : { bytes, decision, decidedAt: declarationId === 'unrecorded' ? undefined : new Date(1_234) },
      ),
    );
  });
  return { assess, asked };
}

test('a retry of a final decision gets the same bytes and time without being decided', async () => {
  const { assess, asked } = setUp();
  const [first] = await assess([requestOf('a')], 'once');
  const again = await assess([requestOf('b'), requestOf('a')], 'once');
  expect(asked).toEqual(['once a', 'once b']);
  expect(Buffer.from((again[1] as Recorded).bytes)).toEqual(Buffer.from((first as Recorded).bytes));
  expect(again[1]).toMatchObject({ decidedAt: new Date(1_234) });
});

test.each([
  ['other content', requestOf('a', {}, '20')],
  ['another stage', requestOf('a', { stage: PRE_ARRIVAL })],
])('%s under the same version is not answered from the cache', async (_, other) => {
  const { assess, asked } = setUp();
  await assess([requestOf('a')], 'once');
  await assess([other], 'once');
  expect(asked).toEqual(['once a', 'once a']);
});

test('a provisional, refused or unrecorded decision is not cached', async () => {
  const { assess, asked } = setUp();
  for (let turn = 0; turn < 2; turn += 1)
    await assess([requestOf('refused'), requestOf('unrecorded')], 'once');
  expect(asked).toHaveLength(4);
  const provisional = setUp(true);
  for (let turn = 0; turn < 2; turn += 1) await provisional.assess([requestOf('a')], 'once');
  expect(provisional.asked).toHaveLength(2);
});

test('a re-evaluation does not use the cache', async () => {
  const { assess, asked } = setUp();
  await assess([requestOf('a')], 'once');
  await assess([requestOf('a')], 'again');
  expect(asked).toEqual(['once a', 'again a']);
});
