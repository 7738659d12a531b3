import { expect, test } from 'vitest';
import { AppError } from '@aeo/platform/errors';
import { clearanceDecision, common, contentHash, declaration, registryStatus, riskService } from '@aeo/proto';
import { assess, type AssessorPorts } from './assessor.ts';
import { createNodeState } from '../status-view/node-state.ts';
import type { Recorded } from '../../domain/decision/recorded.ts';
import type { Candidate, DecisionStore, Known, Mode, Request } from '../../ports.ts';

const { Lane, NoBenefitReason, Purpose, Stage } = common;
const purpose = Purpose.FISCAL_COMPLIANCE;

function requestOf(declarationId: string, stage: common.Stage = Stage.PRESENTATION): Request {
  const declared = declaration.Declaration.fromPartial({ declarationId, version: 1, office: '10' });
  const rest = { stage, probe: false, correlationId: '', inTrace: <T>(work: () => T) => work() };
  return { declaration: declared, contentHash: contentHash(declared), ...rest };
}

function knowledgeWithThresholds() {
  const nodeState = createNodeState({
    country: 'XA',
    partitions: { registry: 1, exchange: 1 },
    compile: () => () => ({ outcome: 'not_met', factsRead: [] }),
  });
  const computed = { computedAt: undefined, windowEndsOn: '', windowDays: 30, capacityPermille: 100 };
  const pooled = { red: 300, yellow: 200, windowDeclarations: 0n, windowSelected: 0n };
  nodeState.thresholds.apply({ purpose, version: 1n, ...computed, pooled, offices: [] });
  return nodeState;
}

type Row = { stage: common.Stage } & Recorded;

const decodedProbe = ({ bytes }: Row) => clearanceDecision.Decision.decode(bytes).probe;

const at = new Date('2021-01-05T00:00:01Z');

/** A node whose ledger, scorer, disk and clock can be taken away. */
function node() {
  const ledger = new Map<string, Row[]>();
  const spooled: Request[] = [];
  const told: string[] = [];
  const away: unknown = new AppError('unavailable', 'UNAVAILABLE', 'away');
  const state = { ledger: true, base: 100 as number | undefined, fault: away, disk: true, clock: true };
  const about = { draw: undefined, consignment: undefined, controlled: false };
  const known: Partial<Known> & { races: number } = { ...about, races: 0 };
  const candidates: Candidate[] = [];
  const rowsOf = ({ declaration: { declarationId } }: Request) => ledger.get(declarationId) ?? [];
  const store: Pick<DecisionStore, 'lookUp' | 'record'> = {
    lookUp: (requests) =>
      Promise.resolve().then(() => {
        if (!state.ledger) throw state.fault;
        return requests.map((request): Known => {
          const rows = rowsOf(request);
          const later = rows.filter(({ stage }) => stage > request.stage);
          const own = rows.filter(({ stage }) => stage === request.stage);
          return {
            contentHash: rows.length > 0 ? request.contentHash : undefined,
            revisionMax: rows.length,
            probe: rows.length > 0 ? decodedProbe(rows[0]!) : undefined,
            standing: own.at(-1) ?? later.at(-1),
            passed: later.length > 0,
            ...about,
            at,
            ...known,
          };
        });
      }),
    record: (some) =>
      Promise.resolve().then(() => {
        if (some.some(({ request }) => request.correlationId === '\0')) throw new TypeError('not storable');
        return some.map((candidate) => {
          candidates.push(candidate);
          const { request, decision } = candidate;
          const bytes = clearanceDecision.Decision.encode(decision).finish();
          const row = { bytes, decision, decidedAt: new Date(0), stage: request.stage };
          ledger.set(request.declaration.declarationId, [...rowsOf(request), row]);
          // The revision is on record, but it was another node that wrote it.
          if (known.races > 0 && known.races--) return { kind: 'lost' } as const;
          return { kind: 'recorded', recorded: row } as const;
        });
      }),
  };
  const scoreOf = (base: number) => riskService.Score.fromPartial({ scores: [{ purpose, base }] });
  const score = () => (state.base === undefined ? undefined : scoreOf(state.base));
  const ports: AssessorPorts = {
    store: store as DecisionStore,
    scorer: { score: (requests) => Promise.resolve(requests.map(score)) },
    onUnrecorded: (code) => void told.push(code),
    onNotSpooled: (reason) => void told.push(`not spooled ${reason}`),
    spool: {
      keep: (kept) =>
        state.disk ? Promise.resolve(void spooled.push(...kept)) : Promise.reject(new Error('ENOSPC')),
      drain: () => Promise.resolve(),
      setAside: () => Promise.resolve(true),
    },
    clock: { read: () => (state.clock ? { nowMs: at.getTime() - 1_000, errorMs: 1 } : undefined) },
    nodeState: knowledgeWithThresholds(),
    settings: { drawMasterKey: Buffer.alloc(32), floorPpm: 0, statusAgeMaxMs: 2_000, scoreTimeoutMs: 25 },
  };
  const decideAll = (requests: Request[], mode: Mode) => assess(ports, requests, mode);
  const decide = async (mode: Mode, request = requestOf('D1')) => {
    const [result] = await decideAll([request], mode);
    if (result === undefined || result instanceof AppError) throw result ?? new Error('no result');
    return { ...clearanceDecision.Decision.decode(result.bytes), decidedAt: result.decidedAt };
  };
  const recorded = (declarationId = 'D1') => ledger.get(declarationId)?.length ?? 0;
  return { state, known, candidates, recorded, spooled, told, decide, decideAll, ports };
}

test('a degraded decision is re-evaluated once, when the degradation has ended, and not while it lasts', async () => {
  const { state, recorded, decide } = node();
  state.base = undefined;
  expect(await decide('once')).toMatchObject({ lane: Lane.YELLOW, revision: 1, provisional: true });
  expect(await decide('again')).toMatchObject({ revision: 1 });
  expect(recorded()).toBe(1);
  state.base = 100;
  expect(await decide('again')).toMatchObject({ lane: Lane.GREEN, revision: 2, provisional: false });
  expect(recorded()).toBe(2);
});

test('a score that comes back counts although another reason lasts', async () => {
  const { state, ports, decide } = node();
  ports.nodeState.view.match = ({ role, identifier }) => [
    { ...clearanceDecision.PartyMatch.fromPartial({ role, source: 'list' }), identifier },
  ];
  const request = requestOf('D1');
  request.declaration.parties = [declaration.Party.fromPartial({ role: common.PartyRole.IMPORTER })];
  state.base = undefined;
  const { STALE_STATUS, SCORE_UNAVAILABLE } = NoBenefitReason;
  expect((await decide('once', request)).noBenefit).toEqual([STALE_STATUS, SCORE_UNAVAILABLE]);
  state.base = 950;
  expect(await decide('again', request)).toMatchObject({ lane: Lane.RED, noBenefit: [STALE_STATUS] });
});

test('a new revision is not added for another score alone, nor for the cause another node saw first', async () => {
  const { state, known, recorded, decide } = node();
  const request = requestOf('D1', Stage.PRE_ARRIVAL);
  await decide('once', request);
  state.base = 120;
  expect(await decide('again', request)).toMatchObject({ revision: 1 });
  state.base = 950;
  known.races = 1;
  expect(await decide('again', request)).toMatchObject({ revision: 2, lane: Lane.RED });
  expect(recorded()).toBe(2);
});

test('final decisions, goods that left the yellow lane and controlled goods are not re-evaluated', async () => {
  const { state, known, recorded, decide } = node();
  await decide('once');
  state.base = 950;
  expect(await decide('again')).toMatchObject({ revision: 1, lane: Lane.GREEN });
  const early = requestOf('D2', Stage.PRE_ARRIVAL);
  await decide('once', early);
  known.controlled = true;
  state.base = 100;
  expect(await decide('again', early)).toMatchObject({ revision: 1, lane: Lane.RED });
  expect([recorded('D1'), recorded('D2')]).toEqual([1, 1]);
});

test.each(['once', 'again'] as const)(
  'after presentation a request for the stage before (%s) gets the decision at presentation',
  async (mode) => {
    const { recorded, decide } = node();
    await decide('once');
    const late = await decide(mode, requestOf('D1', Stage.PRE_ARRIVAL));
    expect(late).toMatchObject({ stage: Stage.PRESENTATION, revision: 1 });
    expect(recorded()).toBe(1);
  },
);

test.each([
  [950, Lane.RED],
  [100, Lane.GREEN],
])(
  'without the ledger a score of %i still counts; it is recorded when the ledger is back',
  async (base, lane) => {
    const { state, recorded, spooled, decide } = node();
    state.base = base;
    state.ledger = false;
    const away = await decide('once');
    expect(away).toMatchObject({ lane, provisional: true, decidedAt: undefined });
    expect(away.noBenefit).toEqual([NoBenefitReason.LEDGER_UNAVAILABLE]);
    expect([recorded(), spooled.length]).toEqual([0, 1]);
    state.ledger = true;
    expect(await decide('once')).toMatchObject({ lane, revision: 1, provisional: false });
    expect(recorded()).toBe(1);
  },
);

test('an internal error at the ledger is logged and blocks no declaration', async () => {
  const { state, spooled, told, decide } = node();
  state.ledger = false;
  state.fault = new TypeError('a fault');
  const decided = await decide('once');
  expect(decided).toMatchObject({ provisional: true, decidedAt: undefined });
  expect(decided.noBenefit).toEqual([NoBenefitReason.LEDGER_UNAVAILABLE]);
  expect([spooled.length, told]).toEqual([1, ['internal']]);
});

test('one declaration that cannot be recorded does not keep its batch from being recorded', async () => {
  const { recorded, spooled, decideAll } = node();
  const bad = { ...requestOf('bad'), correlationId: '\0' };
  const results = await decideAll([requestOf('D1'), bad, requestOf('D2')], 'once');
  expect(results.map((result) => !(result instanceof AppError) && result.decidedAt)).toEqual([
    new Date(0),
    undefined,
    new Date(0),
  ]);
  expect([recorded('D1'), recorded('bad'), recorded('D2')]).toEqual([1, 0, 1]);
  expect(spooled).toEqual([bad]);
  expect((await decideAll([bad], 'record'))[0]).toMatchObject({ code: 'internal' });
});

test('a version that was decided with other content is refused, and nothing is recorded', async () => {
  const { known, recorded, decideAll } = node();
  Object.assign(known, { contentHash: Buffer.alloc(32) });
  expect(await decideAll([requestOf('D1')], 'record')).toMatchObject([
    { code: 'conflict', reason: 'KEY_REUSED', fields: [{ path: 'declaration', code: 'KEY_REUSED' }] },
  ]);
  expect(recorded()).toBe(0);
});

test('whatever fails at the ledger, every declaration of a batch is answered', async () => {
  const { state, decideAll } = node();
  state.ledger = false;
  const results = await decideAll([requestOf('D1'), requestOf('D2')], 'once');
  expect(results.map((result) => result instanceof AppError)).toEqual([false, false]);
});

test('a full spool disk is logged, and the declaration is answered', async () => {
  const { state, told, decide } = node();
  Object.assign(state, { ledger: false, disk: false });
  expect(await decide('once')).toMatchObject({ provisional: true, decidedAt: undefined });
  expect(told).toEqual(['unavailable', 'not spooled INTERNAL']);
});

test.each(['record', 'again'] as const)(
  'in mode %s a request without the ledger is refused and not spooled',
  async (mode) => {
    const { state, spooled, decide } = node();
    state.ledger = false;
    await expect(decide(mode)).rejects.toMatchObject({ code: 'unavailable' });
    expect(spooled).toEqual([]);
  },
);

test('a draw on record is answered with, under its own key; a new one is of the database’s day', async () => {
  const { state, known, candidates, decide } = node();
  state.clock = false;
  expect((await decide('once')).draw).toMatchObject({ day: '2021-01-05' });
  const draw = { keyId: 'k', day: '2021-01-01', probabilityPpm: 9, selected: true, valuePpm: 3 };
  Object.assign(known, { draw, consignment: 'transport-document/earlier' });
  expect(await decide('once', requestOf('D2'))).toMatchObject({ draw, lane: Lane.RED });
  expect(candidates.at(-1)?.consignment).toBe('transport-document/earlier');
});

test('a version that was a probe is never goods, at no stage, nor goods a probe', async () => {
  const { decide, recorded } = node();
  const probe = { ...requestOf('D1', Stage.PRE_ARRIVAL), probe: true };
  await decide('once', probe);
  const refusal = { reason: 'KEY_REUSED', fields: [{ path: 'probe', code: 'KEY_REUSED' }] };
  await expect(decide('once', requestOf('D1'))).rejects.toMatchObject(refusal);
  await expect(decide('once', requestOf('D1', Stage.PRE_ARRIVAL))).rejects.toMatchObject(refusal);
  expect(recorded()).toBe(1);
});

test('what was answered before midnight without a record is drawn under the key of that day', async () => {
  const { decide, state } = node();
  state.ledger = false;
  const answered = await decide('once');
  state.ledger = true;
  const acceptedAt = new Date(at.getTime() - 86_400_000);
  const earlier = await decide('record', { ...requestOf('D2'), acceptedAt });
  expect(answered.draw?.day).toBe('2021-01-05');
  expect(earlier.draw?.day).toBe('2021-01-04');
});

test('a status that is too old gives no benefit, and the decision names the reason', async () => {
  const { ports, decide } = node();
  const { view, freshness } = ports.nodeState;
  const identifier = common.Identifier.fromPartial({ scheme: 'test-id', country: 'XA', value: 'H1' });
  const { IMPORTER } = common.PartyRole;
  const credits = [{ purpose, role: IMPORTER, sharePermille: 650 }];
  const standing = { status: common.CertificateStatus.ACTIVE, validated: true };
  view.applyOperator(
    registryStatus.OperatorStatus.fromPartial({
      operatorId: 'o1',
      version: { epoch: 1n, number: 1n },
      identifiers: [{ identifier }],
      components: [{ ...standing, component: 'compliance', purposes: [purpose], credits }],
    }),
  );
  const requestFor = (declarationId: string) => {
    const request = requestOf(declarationId);
    request.declaration.parties = [declaration.Party.fromPartial({ role: IMPORTER, identifier })];
    return request;
  };
  const databaseMs = at.getTime() - 1_000;
  freshness.heartbeat('registry', 0, databaseMs - 2_000);
  expect(await decide('once', requestFor('D1'))).toMatchObject({
    noBenefit: [NoBenefitReason.STALE_STATUS],
    assessments: [{ credit: 0 }],
    provisional: true,
  });
  freshness.heartbeat('registry', 0, databaseMs - 1_999);
  expect(await decide('once', requestFor('D2'))).toMatchObject({
    noBenefit: [],
    assessments: [{ credit: 100 }],
    provisional: false,
  });
});

test('the draw is made whichever dependency is unavailable', async () => {
  const { state, ports, decide } = node();
  Object.assign(ports.settings, { floorPpm: 1_000_000 });
  const drawn = { lane: Lane.RED, selection: common.SelectionReason.RANDOM };
  state.base = undefined;
  expect(await decide('once')).toMatchObject(drawn);
  state.ledger = false;
  expect(await decide('once', requestOf('D2'))).toMatchObject({ ...drawn, decidedAt: undefined });
});
