import { expect, test } from 'vitest';
import { AppError } from '@aeo/platform/errors';
import { clearanceDecision, common, contentHash, declaration, riskService } from '@aeo/proto';
import { assess, type AssessorPorts } from './assessor.ts';
import { createKnowledge } from './knowledge.ts';
import type { DecisionStore, Known, Recorded, Request } from './ports.ts';

const { Lane, NoBenefitReason, Purpose, Stage } = common;
const purpose = Purpose.FISCAL_COMPLIANCE;
const declared = declaration.Declaration.fromPartial({ declarationId: 'D1', version: 1, office: '10' });
const request: Request = {
  declaration: declared,
  contentHash: contentHash(declared),
  stage: Stage.PRESENTATION,
  probe: false,
  correlationId: '',
  inTrace: (work) => work(),
};

/** A node whose ledger, scorer and database can be taken away. */
function node() {
  const recorded: Recorded[] = [];
  const spooled: Request[] = [];
  const unrecorded: string[] = [];
  const away: unknown = new AppError('unavailable', 'UNAVAILABLE', 'away');
  const state = { ledger: true, scored: true, fault: away };
  const guard = () => {
    if (!state.ledger) throw state.fault;
  };
  const store: Pick<DecisionStore, 'lookUp' | 'record'> = {
    lookUp: (requests) => {
      const known = (): Known => ({
        contentHash: recorded.length > 0 ? request.contentHash : undefined,
        standing: recorded.at(-1),
        revisionMax: recorded.length,
        draw: undefined,
      });
      return Promise.resolve().then(() => (guard(), requests.map(known)));
    },
    record: (candidates) =>
      Promise.resolve(
        candidates.map(({ decision }) => {
          const record = clearanceDecision.Decision.encode(decision).finish();
          recorded.push({ record, decidedAt: new Date(0) });
          return { kind: 'recorded', recorded: { record, decidedAt: new Date(0) } } as const;
        }),
      ),
  };
  const knowledge = createKnowledge({
    country: 'XA',
    partitions: { registry: 1, exchange: 1 },
    compile: () => () => ({ outcome: 'not_met', factsRead: [] }),
  });
  knowledge.thresholds.apply({
    ...{
      purpose,
      version: 1n,
      computedAt: undefined,
      windowEndsOn: '',
      windowDays: 30,
      capacityPermille: 100,
    },
    pooled: { red: 300, yellow: 200, windowDeclarations: 0n, windowSelected: 0n },
    offices: [],
  });
  const score = riskService.Score.fromPartial({ scores: [{ purpose, base: 100 }] });
  const ports: AssessorPorts = {
    store: store as DecisionStore,
    scorer: { score: (requests) => Promise.resolve(requests.map(() => (state.scored ? score : undefined))) },
    onUnrecorded: (code) => void unrecorded.push(code),
    spool: { keep: (kept) => Promise.resolve(void spooled.push(kept)), drain: () => Promise.resolve(0) },
    clock: { read: () => ({ nowMs: 1_000, errorMs: 1 }) },
    knowledge,
    settings: { drawMasterKey: Buffer.alloc(32), floorPpm: 0, statusAgeMaxMs: 2_000, scoreTimeoutMs: 25 },
  };
  const decide = async (mode: 'once' | 'again') => {
    const [result] = await assess(ports, [request], mode);
    if (result === undefined || result instanceof AppError) throw new Error('no decision');
    return { ...clearanceDecision.Decision.decode(result.record), decidedAt: result.decidedAt };
  };
  return { state, recorded, spooled, unrecorded, decide };
}

test('a degraded decision is made again once, when the degradation has ended, and not while it lasts', async () => {
  const { state, recorded, decide } = node();
  state.scored = false;
  expect(await decide('once')).toMatchObject({ lane: Lane.YELLOW, revision: 1, provisional: true });
  expect(await decide('again')).toMatchObject({ revision: 1 });
  expect(recorded).toHaveLength(1);
  state.scored = true;
  expect(await decide('again')).toMatchObject({ lane: Lane.GREEN, revision: 2, provisional: false });
  expect(recorded).toHaveLength(2);
});

test('without the ledger a declaration is decided provisionally and spooled, and recorded when it is back', async () => {
  const { state, recorded, spooled, decide } = node();
  state.ledger = false;
  const away = await decide('once');
  expect(away).toMatchObject({ lane: Lane.YELLOW, provisional: true, decidedAt: undefined });
  expect(away.noBenefit).toContain(NoBenefitReason.LEDGER_UNAVAILABLE);
  expect([recorded.length, spooled.length]).toEqual([0, 1]);
  state.ledger = true;
  expect(await decide('once')).toMatchObject({ lane: Lane.GREEN, revision: 1, provisional: false });
  expect(recorded).toHaveLength(1);
});

test('a fault of ours at the ledger is told and blocks no declaration', async () => {
  const { state, spooled, unrecorded, decide } = node();
  state.ledger = false;
  state.fault = new TypeError('a fault');
  const decided = await decide('once');
  expect(decided).toMatchObject({ lane: Lane.YELLOW, provisional: true, decidedAt: undefined });
  expect(decided.noBenefit).toContain(NoBenefitReason.LEDGER_UNAVAILABLE);
  expect([spooled.length, unrecorded]).toEqual([1, ['internal']]);
});
