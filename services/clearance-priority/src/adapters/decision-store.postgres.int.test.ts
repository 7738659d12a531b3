import { fileURLToPath } from 'node:url';
import { databaseClock } from '@aeo/platform/clock';
import { outboxRows } from '@aeo/platform/outbox';
import { clearanceDecision, common, contentHash, declaration, topics } from '@aeo/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/setup/stack/database.ts';
import { eventually } from '../../../../tests/setup/eventually.ts';
import { consignmentKey } from '../domain/decision/draw.ts';
import type { Candidate, DecisionStore, Request } from '../ports.ts';
import { postgresDecisionStore } from './decision-store.postgres.ts';
import { concernedStatement, degradedStatement } from './statements.ts';

const { ControlKind, ControlOutcome, Lane, NoBenefitReason, Stage } = common;
const statusAgeMaxMs = 500;
const draw = { keyId: 'k', day: '2021-01-04', probabilityPpm: 10_000, selected: false, valuePpm: 500_000 };
const clock = databaseClock(() => performance.now());

let own: TestDatabase;
let store: DecisionStore;
beforeAll(async () => {
  own = await createTestDatabase(
    inject('stack').postgresUrl,
    fileURLToPath(new URL('../../migrations', import.meta.url)),
  );
  store = postgresDecisionStore({
    database: own.database,
    clock,
    statusAgeMaxMs,
    monotonicMs: () => performance.now(),
    outboxRow: outboxRows([topics.decision, topics.control], 'clearance-priority'),
  });
});
afterAll(() => own.drop());

type Changes = Partial<declaration.Declaration> & { stage?: common.Stage };

function requestOf(declarationId: string, { stage = Stage.PRESENTATION, ...changes }: Changes = {}): Request {
  const declared = declaration.Declaration.fromPartial({
    declarationId,
    version: 1,
    office: '10',
    declaredOn: '2021-01-04',
    ...changes,
  });
  const rest = { stage, probe: false, correlationId: '', inTrace: <T>(work: () => T) => work() };
  return { declaration: declared, contentHash: contentHash(declared), ...rest };
}

function candidateOf(
  request: Request,
  decided: Partial<clearanceDecision.Decision> = {},
  changes: Partial<Candidate> = {},
): Candidate {
  const { declarationId, version, office, declaredOn } = request.declaration;
  const decision = clearanceDecision.Decision.fromPartial({
    declarationId,
    version,
    office,
    declaredOn,
    stage: request.stage,
    revision: 1,
    lane: Lane.YELLOW,
    provisional: request.stage === Stage.PRE_ARRIVAL,
    draw,
    ...decided,
  });
  const consignment = consignmentKey(request.declaration);
  return { request, decision, consignment, again: false, benefitAsOf: undefined, ...changes };
}

const kindsOf = async (...candidates: Candidate[]) =>
  (await store.record(candidates)).map((outcome) => outcome.kind);

const controlOf = (declarationId: string) => ({
  controlId: `control-${declarationId}`,
  declarationId,
  version: 1,
  kind: ControlKind.DOCUMENT,
  outcome: ControlOutcome.CONFORM,
  durationMinutes: 5,
  findingClass: '',
});

const matched = (operatorId: string) => [clearanceDecision.PartyMatch.fromPartial({ operatorId })];

test('a value that the database refuses is a fault of its row, and every look-up updates the clock', async () => {
  const bad = requestOf('year-0', { declaredOn: '0000-01-01' });
  await expect(store.record([candidateOf(bad)])).rejects.toMatchObject({ code: 'internal' });
  const header = { ...requestOf('nul'), correlationId: 'a\0b' };
  await expect(store.record([candidateOf(header)])).rejects.toMatchObject({ code: 'internal' });
  const [known] = await store.lookUp([bad]);
  expect(Math.abs((clock.read()?.nowMs ?? 0) - known!.at!.getTime())).toBeLessThan(1_000);
});

test('a database that lacks a table is unavailable: waiting may help, and no row is at fault', async () => {
  await own.database.query('ALTER TABLE declaration_draw RENAME TO away');
  const recorded = store.record([candidateOf(requestOf('no-table'))]);
  await expect(recorded).rejects.toMatchObject({ code: 'unavailable' });
  await own.database.query('ALTER TABLE away RENAME TO declaration_draw');
});

/** What a node answers with: its own record where it won, else the one that stands. A long wait is tried again. */
function answerOf(candidate: Candidate): Promise<Buffer> {
  return eventually(async () => {
    const [outcome] = await store.record([candidate]);
    if (outcome?.kind === 'recorded') return Buffer.from(outcome.recorded.bytes);
    const [known] = await store.lookUp([candidate.request]);
    return Buffer.from(known!.standing!.bytes);
  });
}

test('of nodes that record one revision at once one has decided, and all answer with its bytes', async () => {
  const request = requestOf('raced');
  // Each saw the same declaration at a time of its own.
  const candidates = [1, 2, 3, 4].map((n) => candidateOf(request, { evaluatedAt: new Date(n) }));
  const answers = await Promise.all(candidates.map(answerOf));
  const late = await answerOf(candidateOf(request, { evaluatedAt: new Date(5) }));
  const { rows } = await own.database.query<{ record: Buffer }>(
    "SELECT record FROM ledger WHERE declaration_id = 'raced'",
  );
  expect(rows).toHaveLength(1);
  const { record } = rows[0]!;
  expect([...answers, late]).toEqual([record, record, record, record, record]);
});

/** Holds the draw of a consignment for a time, as a stalled commit of another node would. */
async function holding<T>(consignment: string, forMs: number, work: () => Promise<T>): Promise<T> {
  let result: Promise<T> | undefined;
  await own.database.transaction(async (transaction) => {
    await transaction.query('SELECT 1 FROM consignment WHERE consignment_key = $1 FOR UPDATE', [consignment]);
    result = work();
    result.catch(() => undefined);
    await transaction.query('SELECT pg_sleep($1)', [forMs / 1_000]);
  });
  return result!;
}

test('a status that grows too old while a lock is waited for gives no benefit', async () => {
  const goods = { transportDocument: 'HELD-1' };
  expect(await kindsOf(candidateOf(requestOf('held-1', goods)))).toEqual(['recorded']);
  const benefitAsOf = new Date(Date.now() - statusAgeMaxMs + 150);
  const late = candidateOf(requestOf('held-2', goods), {}, { benefitAsOf });
  expect(await holding('transport-document/HELD-1', 220, () => kindsOf(late))).toEqual(['stale']);
  expect(await kindsOf({ ...late, benefitAsOf: new Date() })).toEqual(['recorded']);
});

test('a lock that is held for long is a lost race', async () => {
  const goods = { transportDocument: 'HELD-2' };
  await kindsOf(candidateOf(requestOf('held-3', goods)));
  const waiting = holding('transport-document/HELD-2', 900, () =>
    kindsOf(candidateOf(requestOf('held-4', goods))),
  );
  await expect(waiting).rejects.toMatchObject({ code: 'conflict' });
  expect(await kindsOf(candidateOf(requestOf('held-4', goods)))).toEqual(['recorded']);
});

test('a draw that differs from the stored one is not recorded', async () => {
  await kindsOf(candidateOf(requestOf('floor-1', { transportDocument: 'FLOOR' })));
  const request = requestOf('floor-2', { transportDocument: 'FLOOR' });
  const otherFloor = { ...draw, probabilityPpm: 600_000, selected: true };
  expect(await kindsOf(candidateOf(request, { draw: otherFloor }))).toEqual(['lost']);
  const [known] = await store.lookUp([request]);
  expect(known).toMatchObject({ draw, consignment: 'transport-document/FLOOR' });
  expect(await kindsOf(candidateOf(request, { draw: known!.draw! }))).toEqual(['recorded']);
});

test('an amendment with another transport document stays selected, even where both come at once', async () => {
  const selected = { ...draw, selected: true, valuePpm: 1 };
  const first = candidateOf(requestOf('amended', { transportDocument: 'A' }), { draw: selected });
  const request = requestOf('amended', { version: 2, transportDocument: 'B' });
  const second = candidateOf(request);
  expect(await kindsOf(first, second)).toEqual(['recorded', 'lost']);
  expect(await kindsOf(second)).toEqual(['lost']);
  const [known] = await store.lookUp([request]);
  expect(known).toMatchObject({ draw: selected, consignment: 'transport-document/A', revisionMax: 0 });
  const { draw: held, consignment } = { draw: known!.draw!, consignment: known!.consignment! };
  expect(await kindsOf(candidateOf(request, { draw: held }, { consignment }))).toEqual(['recorded']);
});

test('an amendment of goods that were not selected is drawn for its own consignment', async () => {
  await kindsOf(candidateOf(requestOf('moved', { transportDocument: 'C' })));
  const request = requestOf('moved', { version: 2, transportDocument: 'D' });
  const [known] = await store.lookUp([request]);
  expect(known).toMatchObject({ draw: undefined, consignment: undefined });
  expect(await kindsOf(candidateOf(request, { draw: { ...draw, selected: true } }))).toEqual(['recorded']);
});

test('a stage that has passed is answered with what stands, its own decision or the later one', async () => {
  const early = (id: string) => requestOf(id, { stage: Stage.PRE_ARRIVAL });
  await kindsOf(candidateOf(requestOf('passed-1')), candidateOf(early('passed-2')));
  await kindsOf(candidateOf(requestOf('passed-2'), { revision: 2 }));
  const known = await store.lookUp([early('passed-1'), early('passed-2'), requestOf('passed-2')]);
  const standing = known.map((each) => clearanceDecision.Decision.decode(each.standing!.bytes));
  expect(standing.map(({ stage, revision }) => [stage, revision])).toEqual([
    [Stage.PRESENTATION, 1],
    [Stage.PRE_ARRIVAL, 1],
    [Stage.PRESENTATION, 2],
  ]);
  expect(known.map(({ passed }) => passed)).toEqual([true, true, false]);
});

test('a control closes the decision: a re-evaluation that began before it records nothing', async () => {
  const request = requestOf('controlled', { stage: Stage.PRE_ARRIVAL });
  await kindsOf(candidateOf(request, { matches: matched('operator-c') }));
  expect(await concernedIds('operator-c')).toEqual(['controlled']);
  await store.recordControl(controlOf('controlled'));
  expect(await concernedIds('operator-c')).toEqual([]);
  expect((await store.lookUp([request]))[0]).toMatchObject({ controlled: true });
  const again = candidateOf(request, { revision: 2 }, { again: true });
  expect(await kindsOf(again)).toEqual(['lost']);
  const presented = candidateOf(requestOf('controlled'), {
    revision: 2,
    provisional: true,
    matches: matched('operator-c'),
  });
  expect(await kindsOf(presented)).toEqual(['recorded']);
  expect(await concernedIds('operator-c')).toEqual([]);
});

test('a control under way and a new revision take turns', async () => {
  const request = requestOf('turns', { stage: Stage.PRE_ARRIVAL });
  await kindsOf(candidateOf(request));
  let again: Promise<string[]> | undefined;
  await own.database.transaction(async (transaction) => {
    await transaction.query(
      "UPDATE decision_key SET controlled = true WHERE declaration_id = 'turns' AND revision = 1",
    );
    again = kindsOf(candidateOf(request, { revision: 2 }, { again: true }));
    await transaction.query('SELECT pg_sleep(0.1)');
  });
  expect(await again).toEqual(['lost']);
});

const soon = () => new Date(Date.now() + 60_000);

async function concernedIds(operatorId: string, decidedBefore = soon()): Promise<string[]> {
  const rows = await store.concerned([{ operatorId, decidedBefore }], undefined, 200);
  return rows.map((row) => row.declaration.declarationId);
}

test('open decisions are pre-arrival ones and degraded yellow ones; others leave', async () => {
  const matches = matched('operator-o');
  const degraded = { provisional: true, noBenefit: [NoBenefitReason.SCORE_UNAVAILABLE], matches };
  await kindsOf(
    candidateOf(requestOf('open-1', { stage: Stage.PRE_ARRIVAL }), { matches }),
    candidateOf(requestOf('open-2'), degraded),
    candidateOf(requestOf('open-3'), { ...degraded, lane: Lane.RED }),
    candidateOf(requestOf('open-4'), { matches }),
  );
  expect(await concernedIds('operator-o')).toEqual(['open-1', 'open-2']);
  expect(await concernedIds('operator-o', new Date(Date.now() - 60_000))).toEqual([]);
  const page = await store.degraded(soon(), { declarationId: 'open-1', version: 1 }, 10);
  expect(page.map((row) => row.declaration.declarationId)).toEqual(['open-2']);
  await kindsOf(candidateOf(requestOf('open-2'), { revision: 2, lane: Lane.RED, matches }, { again: true }));
  await kindsOf(candidateOf(requestOf('open-1', { version: 2 }), { matches }));
  expect(await concernedIds('operator-o')).toEqual([]);
});

test('decisions to re-evaluate are found by indexes, without the ledger', async () => {
  await own.database.query(
    `INSERT INTO provisional (declaration_id, version, stage, probe, degraded, operators, declaration, decided_at)
     SELECT 'many-' || n, 1, 1, false, n % 100 = 0, ARRAY['operator-' || n % 1000], '', clock_timestamp()
     FROM generate_series(1, 20000) AS n`,
  );
  await own.database.query('ANALYZE provisional');
  const planOf = async (text: string, values: unknown[]) => {
    const { rows } = await own.database.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, values);
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  };
  const concerned = await planOf(concernedStatement.text, [['operator-7'], [soon()], '', 0, 200]);
  expect(concerned).toMatch(/Index Scan (on|using) provisional_operators/);
  const degraded = await planOf(degradedStatement.text, [soon(), 'many-5', 1, 200]);
  expect(degraded).toMatch(/Index Scan (on|using) provisional_degraded/);
  for (const plan of [concerned, degraded]) expect(plan).not.toMatch(/Seq Scan|ledger/);
  await own.database.query("DELETE FROM provisional WHERE declaration_id LIKE 'many-%'");
});
