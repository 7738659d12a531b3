import { expect, test } from 'vitest';
import { AppError } from '@aeo/platform/errors';
import { clearanceDecision, declaration } from '@aeo/proto';
import { createRound } from './reassessment.ts';
import type { Place, ProvisionalRow, Spool, StatusChange } from '../../ports.ts';

const party = { role: 1, identifier: { scheme: 'test-id', country: 'XA', value: 'P' } } as const;

function rowOf(declarationId: string, stage: 1 | 2 = 1): ProvisionalRow {
  const declared = declaration.Declaration.fromPartial({
    declarationId,
    version: 1,
    kind: 2,
    direction: 1,
    transportMode: 1,
    office: '10',
    declaredOn: '2021-01-04',
    parties: [party],
    items: [{ number: 1, hs6: '010101', countryOfOrigin: 'XB' }],
  });
  return { declaration: declared, stage, probe: false };
}

const idOf = (n: number) => `D${String(n).padStart(4, '0')}`;

function pageOf(rows: readonly ProvisionalRow[], after: Place | undefined, limit: number) {
  return rows.filter((row) => row.declaration.declarationId > (after?.declarationId ?? '')).slice(0, limit);
}

function setUp(open: ProvisionalRow[], degraded: ProvisionalRow[], drain: Spool['drain']) {
  const state = { nowMs: 1_000_000, fresh: true, away: false };
  const asked: string[] = [];
  const logged: string[] = [];
  const setAside: string[] = [];
  const changed = new Set<string>();
  const asks: StatusChange[][] = [];
  const round = createRound({
    batcher: {
      assess: ({ declaration: { declarationId } }, mode) => {
        if (state.away) return Promise.resolve(new AppError('unavailable', 'UNAVAILABLE', 'away'));
        if (declarationId.startsWith('bad'))
          return Promise.resolve(new AppError('internal', 'INTERNAL', 'year 0000'));
        asked.push(`${mode} ${declarationId}`);
        return Promise.resolve({
          bytes: Buffer.alloc(0),
          decision: clearanceDecision.Decision.fromPartial({}),
          decidedAt: new Date(0),
        });
      },
    },
    store: {
      concerned: (changes, after, limit) => {
        asks.push([...changes]);
        return Promise.resolve(pageOf(open, after, limit));
      },
      degraded: (_, after, limit) => Promise.resolve(pageOf(degraded, after, limit)),
    },
    spool: {
      drain,
      setAside: ({ declaration: { declarationId } }, reason) => {
        const isNew = !setAside.some((line) => line.startsWith(declarationId));
        if (isNew) setAside.push(`${declarationId} ${reason}`);
        return Promise.resolve(isNew);
      },
    },
    databaseNow: () => new Date(state.nowMs),
    registryFresh: () => state.fresh,
    changed,
    logger: { warn: (message) => void logged.push(message), error: (message) => void logged.push(message) },
  });
  const rounds = async (count: number) => {
    for (let n = 0; n < count; n += 1, state.nowMs += 500) await round();
  };
  return { state, asked, logged, setAside, changed, asks, rounds };
}

const nothingSpooled: Spool['drain'] = () => Promise.resolve();

test('a status change that concerns more than a page of decisions is processed page by page, and ends', async () => {
  const rows = Array.from({ length: 450 }, (_, n) => rowOf(idOf(n)));
  const { asked, asks, changed, rounds } = setUp(rows, [], nothingSpooled);
  changed.add('operator');
  await rounds(3);
  expect(asked).toEqual(rows.map((row) => `again ${row.declaration.declarationId}`));
  await rounds(30);
  const before = asks.length;
  await rounds(10);
  expect(asks).toHaveLength(before);
});

test('a changed operator is looked up until no decision made before its change can be in progress', async () => {
  const { asks, changed, state, rounds } = setUp([], [], nothingSpooled);
  changed.add('operator');
  const changedMs = state.nowMs;
  await rounds(30);
  expect(asks[0]?.[0]?.decidedBefore.getTime()).toBe(changedMs + 5_000);
  expect(asks).toHaveLength(11);
});

test('rows that stay degraded do not block the rows after them', async () => {
  const rows = Array.from({ length: 221 }, (_, n) => rowOf(idOf(n), 2));
  const { asked, rounds } = setUp([], rows, nothingSpooled);
  await rounds(2);
  expect(asked).toContain(`again ${idOf(220)}`);
});

test('a spool that cannot be drained does not stop the re-evaluation of decisions', async () => {
  const failing = () => Promise.reject(new AppError('internal', 'INTERNAL', 'a bad file'));
  const { asked, logged, rounds } = setUp([], [rowOf('D1')], failing);
  await rounds(1);
  expect(asked).toEqual(['again D1']);
  expect(logged).toEqual(['the re-evaluation of decisions is postponed']);
});

test('the spool is drained while the registry is stale, and no decision is re-evaluated', async () => {
  const drain: Spool['drain'] = (take) => take([rowOf('S1')], 0);
  const { state, asked, rounds } = setUp([], [rowOf('D1')], drain);
  state.fresh = false;
  await rounds(1);
  expect(asked).toEqual(['record S1']);
});

test('a declaration that cannot be recorded is set aside with the reason and logged once; the others are recorded', async () => {
  const malformed = { ...rowOf('D2'), stage: 0 as const };
  const drain: Spool['drain'] = (take) => take([rowOf('bad'), rowOf('D1'), malformed], 0);
  const { asked, logged, setAside, rounds } = setUp([], [], drain);
  await rounds(2);
  expect(asked).toEqual(['record D1', 'record D1']);
  expect(setAside).toEqual(['bad INTERNAL: year 0000', 'D2 FIELD_UNKNOWN_VALUE: stage: FIELD_UNKNOWN_VALUE']);
  expect(logged).toHaveLength(2);
});

test('a chunk stays in the spool while the ledger is unavailable', async () => {
  let taken = 0;
  const drain: Spool['drain'] = async (take) => {
    await take([rowOf('S1')], 0);
    taken += 1;
  };
  const { state, rounds } = setUp([], [], drain);
  state.away = true;
  await rounds(1);
  state.away = false;
  await rounds(1);
  expect(taken).toBe(1);
});
