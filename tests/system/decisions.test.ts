import { randomUUID } from 'node:crypto';
import type { GrpcClient } from '@aeo/platform/grpc';
import {
  clearanceDecision,
  clearanceService,
  common,
  declaration,
  registryService,
  topics,
} from '@aeo/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { declarationOf } from '../../infra/main-job/declarations/declaration-message.ts';
import { readDeclarationsFile } from '../../infra/main-job/input/declarations-file.ts';
import { certifiedTrader } from '../setup/registry/certified-trader.ts';
import { eventually } from '../setup/eventually.ts';
import { startServices, type TestServices } from '../setup/services/services.ts';

const service = clearanceService.ClearanceServiceService;
const registryMethods = registryService.RegistryServiceService;
const { Lane, NoBenefitReason, Stage } = common;
const rows = readDeclarationsFile('infra/data/2021-q1.csv').rows;

/** T: how old a status may be that gives a benefit. */
const statusAgeMaxMs = 2_000;

let services: TestServices;
let node: GrpcClient;

beforeAll(async () => {
  services = await startServices(inject('stack'), 2);
  node = services.clearance[0]!;
}, 60_000);
afterAll(() => services.stop(), 60_000);

const identifierOf = (value: string) =>
  common.Identifier.fromPartial({ scheme: 'national-trader-id', country: 'XA', value });

function declared(index: number, changes: Partial<declaration.Declaration> = {}): declaration.Declaration {
  const row = rows[index];
  if (row === undefined) throw new Error('no such row');
  return { ...declarationOf(row), ...changes };
}

function request(declared: declaration.Declaration, changes: Partial<clearanceService.AssessRequest> = {}) {
  const message = { declaration: declared, stage: Stage.PRESENTATION, ...changes };
  return clearanceService.AssessRequest.fromPartial(message);
}

const assess = (message: clearanceService.AssessRequest, on = node) => on.call(service.assess, message);

function priorityOf(value: string) {
  return node.call(
    service.getPriority,
    clearanceService.GetPriorityRequest.fromPartial({
      identifier: identifierOf(value),
      role: common.PartyRole.IMPORTER,
      kind: common.DeclarationKind.IMPORT,
      direction: common.Direction.IMPORT,
      transportMode: common.TransportMode.SEA,
      office: '10',
      date: new Date().toISOString().slice(0, 10),
    }),
  );
}

/** A declaration that names nobody known but this importer. */
function importedBy(value: string): declaration.Declaration {
  const parties = [
    declaration.Party.fromPartial({ role: common.PartyRole.IMPORTER, identifier: identifierOf(value) }),
  ];
  return declared(0, { declarationId: randomUUID(), parties });
}

test('a certified trader receives priority within seconds and loses it within seconds of a suspension', async () => {
  const value = 'TRADER1';
  const { operatorId, certificateId } = await certifiedTrader(services.registry, identifierOf(value));
  await eventually(async () => {
    expect(await priorityOf(value)).toMatchObject({ priority: true, noBenefit: [] });
  });
  const before = await assess(request(importedBy(value), { probe: true }));
  expect(before.decision?.assessments[0]?.credit).toBeGreaterThan(0);
  const { answeredAt, effectiveFrom } = await services.registry.call(registryMethods.suspendCertificate, {
    operatorId,
    certificateId,
    reason: 'an enquiry',
    effectiveFrom: undefined,
  });
  const boundMs = Math.max(answeredAt?.getTime() ?? 0, effectiveFrom?.getTime() ?? 0) + statusAgeMaxMs;
  const decisions = await decideUntil(value, boundMs);
  const benefits = decisions.filter(({ credit }) => credit > 0);
  expect(benefits.filter(({ decidedAtMs }) => decidedAtMs > boundMs)).toEqual([]);
  expect(decisions.at(-1)).toMatchObject({ credit: 0, creditedMatch: -1, noBenefit: [] });
  expect(await priorityOf(value)).toMatchObject({ priority: false, match: common.MatchOutcome.SUSPENDED });
});

/** Decides one new declaration after the other, until the database's clock has passed the time. */
async function decideUntil(value: string, boundMs: number) {
  const decisions: { decidedAtMs: number; credit: number; creditedMatch: number; noBenefit: number[] }[] = [];
  while ((decisions.at(-1)?.decidedAtMs ?? 0) <= boundMs) {
    const { decision, decidedAt } = await assess(request(importedBy(value), { probe: true }));
    const { credit, creditedMatch } = decision?.assessments[0] ?? { credit: 0, creditedMatch: -1 };
    const noBenefit = decision?.noBenefit ?? [];
    decisions.push({ decidedAtMs: decidedAt?.getTime() ?? 0, credit, creditedMatch, noBenefit });
  }
  return decisions;
}

test('a retry receives the same bytes, and other content for the same version is refused', async () => {
  const message = request(declared(1));
  const first = await assess(message);
  const second = await assess(message, services.clearance[1]);
  const bytes = (answer: clearanceService.AssessResponse) =>
    Buffer.from(clearanceService.AssessResponse.encode(answer).finish());
  expect(bytes(second)).toEqual(bytes(first));
  const other = request({ ...declared(1), office: '99' });
  await expect(assess(other)).rejects.toMatchObject({ code: 'conflict', reason: 'KEY_REUSED' });
  await expect(assess({ ...message, probe: true })).rejects.toMatchObject({ reason: 'KEY_REUSED' });
  await expect(assess({ ...other, revision: 1 })).rejects.toMatchObject({ reason: 'KEY_REUSED' });
  expect(bytes(await assess({ ...message, revision: 1 }))).toEqual(bytes(first));
  await expect(assess({ ...message, revision: 7 })).rejects.toMatchObject({ reason: 'NOT_FOUND' });
});

test('a pre-arrival decision is provisional and is re-evaluated at presentation with the same draw', async () => {
  const early = await assess(request(declared(2), { stage: Stage.PRE_ARRIVAL }));
  expect(early.decision).toMatchObject({ revision: 1, provisional: true });
  const late = await assess(request(declared(2)));
  expect(late.decision).toMatchObject({ revision: 2, provisional: false });
  expect(late.decision?.draw).toEqual(early.decision?.draw);
});

test('a consignment that was drawn on an earlier day stays drawn in every version', async () => {
  const declarationId = randomUUID();
  const draw = {
    keyId: 'an-earlier-key',
    day: '2020-12-31',
    probabilityPpm: 10_000,
    valuePpm: 77,
    selected: true,
  };
  await services.clearanceDatabase.query(
    `INSERT INTO consignment (consignment_key, day, key_id, probability_ppm, value_ppm, selected)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [`declaration/${declarationId}`, draw.day, draw.keyId, draw.probabilityPpm, draw.valuePpm, draw.selected],
  );
  for (const version of [1, 2]) {
    const { decision } = await assess(request(declared(2, { declarationId, version })));
    expect(decision?.draw).toMatchObject(draw);
    expect(decision?.lane).toBe(Lane.RED);
  }
});

test('an invalid declaration is refused with the path of each problem, and nothing is recorded', async () => {
  const bad = declared(3, { office: '', parties: [], kind: 77 as common.DeclarationKind });
  await expect(assess(request(bad))).rejects.toMatchObject({
    code: 'invalid',
    fields: [
      { path: 'declaration.kind', code: 'FIELD_UNKNOWN_VALUE' },
      { path: 'declaration.office', code: 'FIELD_FORMAT' },
      { path: 'declaration.parties', code: 'PARTY_MISSING' },
    ],
  });
  const malformed = declared(3);
  malformed.parties = [
    declaration.Party.fromPartial({
      role: common.PartyRole.IMPORTER,
      identifier: { scheme: 'national-trader-id', country: 'xa', value: 'a b' },
    }),
  ];
  await expect(assess(request(malformed))).rejects.toMatchObject({ reason: 'IDENTIFIER_FORMAT' });
  const { rows: held } = await services.clearanceDatabase.query(
    'SELECT 1 FROM ledger WHERE declaration_id = $1',
    [bad.declarationId],
  );
  expect(held).toEqual([]);
});

test('a control is recorded once, and refused without a decision or with another result', async () => {
  const { decision } = await assess(request(declared(4)));
  const control = clearanceService.RecordControlRequest.fromPartial({
    controlId: `control-${decision?.declarationId}`,
    declarationId: decision?.declarationId ?? '',
    version: 1,
    kind: common.ControlKind.PHYSICAL,
    outcome: common.ControlOutcome.CONFORM,
    durationMinutes: 40,
  });
  const first = await node.call(service.recordControl, control);
  expect(await node.call(service.recordControl, control)).toEqual(first);
  const other = { ...control, outcome: common.ControlOutcome.FINDING };
  await expect(node.call(service.recordControl, other)).rejects.toMatchObject({ reason: 'KEY_REUSED' });
  const unknown = { ...control, controlId: 'control-x', declarationId: 'nothing' };
  await expect(node.call(service.recordControl, unknown)).rejects.toMatchObject({ code: 'not_found' });
});

test('a decision is explained in sentences', async () => {
  const { decision } = await assess(request(declared(5)));
  const answer = await node.call(service.explainDecision, {
    declarationId: decision?.declarationId ?? '',
    version: 0,
    revision: 0,
  });
  expect(answer.sentences[0]).toMatch(/^Lane (green|blue|yellow|red); without any status/);
  expect(answer.sentences.join(' ')).toMatch(/the score was \d+/);
});

test('two nodes that receive the same declaration by RPC and topic decide it once', async () => {
  const count = 1_000;
  const base = declared(6);
  const messages = Array.from({ length: count }, (_, n) => request({ ...base, declarationId: `RACE-${n}` }));
  const producer = await services.kafka.producer();
  const seen = new Map<string, Buffer[]>();
  const ask = async (message: clearanceService.AssessRequest, on: GrpcClient) => {
    const { decision } = await assess(message, on);
    if (decision === undefined) throw new Error('an answer without a decision');
    const bytes = Buffer.from(clearanceDecision.Decision.encode(decision).finish());
    seen.set(decision.declarationId, [...(seen.get(decision.declarationId) ?? []), bytes]);
  };
  for (let start = 0; start < count; start += 50) {
    const batch = messages.slice(start, start + 50);
    await Promise.all([
      producer.send(batch.map(lodgedRecord)),
      ...batch.flatMap((message) => services.clearance.map((each) => ask(message, each))),
    ]);
  }
  // Whatever was lodged before it in its partition has been taken once the last one of each partition is decided.
  const lasts = Array.from({ length: topics.declarationLodged.partitions }, (_, partition) => ({
    ...lodgedRecord(request({ ...base, declarationId: `LAST-${partition}` })),
    partition,
  }));
  await producer.send(lasts);
  await producer.stop();
  await eventually(async () => expect(await ledgerOf('LAST-%')).toHaveLength(lasts.length));
  const ledger = await ledgerOf('RACE-%');
  expect(ledger).toHaveLength(count);
  for (const { id, record } of ledger) expect(seen.get(id)).toEqual([record, record]);
  const events = await eventsOf('RACE-', ['LAST-0', 'LAST-1', 'LAST-2', 'LAST-3']);
  expect(new Map(events)).toEqual(new Map(ledger.map(({ id, record }) => [id, record])));
  expect(events).toHaveLength(count);
  const degraded = ledger.filter(({ record }) =>
    clearanceDecision.Decision.decode(record).noBenefit.includes(NoBenefitReason.LEDGER_UNAVAILABLE),
  );
  expect(degraded).toEqual([]);
  expect(
    ledger.every(({ record }) => clearanceDecision.Decision.decode(record).lane !== Lane.UNSPECIFIED),
  ).toBe(true);
}, 60_000);

async function ledgerOf(ids: string) {
  const { rows: held } = await services.clearanceDatabase.query<{ id: string; record: Buffer }>(
    'SELECT declaration_id AS id, record FROM ledger WHERE declaration_id LIKE $1',
    [ids],
  );
  return held;
}

/** The decisions published about declarations, with their ids; read until the outbox is empty and the last ones came. */
async function eventsOf(prefix: string, lasts: string[]): Promise<[id: string, record: Buffer][]> {
  const events: [string, Buffer][] = [];
  const refused: string[] = [];
  const deadLetters = `${topics.declarationLodged.name}.dlq`;
  await eventually(async () => {
    const { rows: waiting } = await services.clearanceDatabase.query('SELECT 1 FROM outbox LIMIT 1');
    expect(waiting).toEqual([]);
  });
  const reader = await services.kafka.broadcast({
    topics: [topics.decision.name, deadLetters],
    onRecord: ({ topic, key, value }) => {
      if (topic === deadLetters) refused.push(key);
      else events.push([key, Buffer.from(value)]);
    },
  });
  await reader.ready;
  await reader.stop();
  expect(refused).toEqual([]);
  expect(events.map(([id]) => id)).toEqual(expect.arrayContaining(lasts));
  return events.filter(([id]) => id.startsWith(prefix));
}

function lodgedRecord({ declaration: declared, stage, probe }: clearanceService.AssessRequest) {
  const message = declaration.DeclarationLodged.fromPartial({
    ...(declared ? { declaration: declared } : {}),
    stage,
    probe,
  });
  const key = declared?.declarationId ?? '';
  return {
    topic: topics.declarationLodged.name,
    key,
    value: declaration.DeclarationLodged.encode(message).finish(),
    headers: { 'event-id': randomUUID(), 'event-type': 'DeclarationLodged' },
  };
}
