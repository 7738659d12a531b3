import { clearanceService, common, declaration, heartbeatEventType, topics } from '@aeo/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { declarationOf } from '../../infra/main-job/declarations/declaration-message.ts';
import { readDeclarationsFile } from '../../infra/main-job/input/declarations-file.ts';
import { eventually } from '../setup/eventually.ts';
import { startServices, type TestServices } from '../setup/services/services.ts';

let services: TestServices;
beforeAll(async () => {
  services = await startServices(inject('stack'), 1);
});
afterAll(() => services.stop());

const [row] = readDeclarationsFile('infra/data/2021-q1.csv').rows;
type Json = Record<string, unknown>;
const stage = 'STAGE_PRESENTATION';
const declared = (declarationId: string, extra: Json = {}): Json => ({
  ...(declaration.Declaration.toJSON(declarationOf(row!)) as Json),
  declarationId,
  ...extra,
});
const assess = (body: Json) => services.rest('/v1/declarations/assess', body);
const decisionOf = (answer: { body: Json }) => answer.body['decision'] as Json;

async function recordedRows(declarationId: string): Promise<number> {
  const { rows } = await services.clearanceDatabase.query('SELECT 1 FROM ledger WHERE declaration_id = $1', [
    declarationId,
  ]);
  return rows.length;
}

test('a declaration is decided once, and a retry over REST or gRPC receives the same decision', async () => {
  const first = await assess({ declaration: declared('R1'), stage });
  expect(first.status).toBe(200);
  expect(await assess({ declaration: declared('R1'), stage })).toEqual(first);
  const [client] = services.clearance;
  const request = clearanceService.AssessRequest.fromJSON({ declaration: declared('R1'), stage });
  const overGrpc = await client!.call(clearanceService.ClearanceServiceService.assess, request);
  expect(clearanceService.AssessResponse.toJSON(overGrpc)).toEqual(first.body);
  expect(await recordedRows('R1')).toBe(1);
});

test('a version with other content is refused', async () => {
  await assess({ declaration: declared('R2'), stage });
  expect(await assess({ declaration: declared('R2', { office: '99' }), stage })).toMatchObject({
    status: 409,
    body: { code: 'KEY_REUSED' },
  });
});

const parties = (role: string, value: string) => [
  { role, identifier: { scheme: 'national-trader-id', country: 'XA', value } },
];

test.each<[string, Json, string, string]>([
  ['an unknown value', { direction: 'DIRECTION_SIDEWAYS' }, 'declaration.direction', 'FIELD_UNKNOWN_VALUE'],
  ['no office', { office: undefined }, 'declaration.office', 'FIELD_REQUIRED'],
  ['a day that does not exist', { declaredOn: '2021-02-30' }, 'declaration.declaredOn', 'FIELD_FORMAT'],
  ['a field nobody knows', { colour: 'red' }, 'declaration.colour', 'FIELD_UNKNOWN'],
  ['no importer', { parties: parties('PARTY_ROLE_SELLER', 'A1') }, 'declaration.parties', 'PARTY_MISSING'],
  [
    'a malformed identifier',
    { parties: parties('PARTY_ROLE_IMPORTER', 'a b') },
    'declaration.parties[0].identifier',
    'IDENTIFIER_FORMAT',
  ],
  [
    'a negative mass',
    { items: [{ number: 1, hs6: '010101', netMassGrams: '-5' }] },
    'declaration.items[0].netMassGrams',
    'FIELD_RANGE',
  ],
])('%s is refused with its path and changes nothing', async (_, extra, path, code) => {
  expect(await assess({ declaration: declared('R3', extra), stage })).toMatchObject({
    status: 400,
    body: { code, fields: [{ path, code }] },
  });
  expect(await recordedRows('R3')).toBe(0);
});

test('an oversize body is refused', async () => {
  const body = { declaration: declared('R4', { importUse: 'x'.repeat(300_000) }), stage };
  expect(await assess(body)).toMatchObject({ status: 413, body: { code: 'BODY_TOO_LARGE' } });
});

test('a decision is explained in sentences, controlled once, and counted', async () => {
  const animals = { items: [{ number: 1, hs6: '010619', countryOfOrigin: 'XB' }] };
  const decided = await assess({ declaration: declared('R5', animals), stage });
  expect(decisionOf(decided)).toMatchObject({
    lane: 'LANE_RED',
    selection: 'SELECTION_REASON_LEGAL_CONTROL',
  });
  const explained = await services.rest('/v1/decisions/R5');
  expect(explained.body['sentences']).toEqual(
    expect.arrayContaining([expect.stringContaining('live-animals')]),
  );
  const control = { controlId: 'C5', declarationId: 'R5', version: 1 };
  const result = { kind: 'CONTROL_KIND_PHYSICAL', outcome: 'CONTROL_OUTCOME_CONFORM' };
  const first = await services.rest('/v1/controls', { ...control, ...result });
  expect(first.status).toBe(201);
  expect(await services.rest('/v1/controls', { ...control, ...result })).toEqual(first);
  const other = { ...control, ...result, outcome: 'CONTROL_OUTCOME_FINDING' };
  expect(await services.rest('/v1/controls', other)).toMatchObject({
    status: 409,
    body: { code: 'KEY_REUSED' },
  });
  const { body } = await services.rest('/v1/benefits?by=office');
  const { rows } = await services.clearanceDatabase.query<{ n: bigint }>(
    'SELECT count(*) AS n FROM standing_decision WHERE NOT probe AND NOT provisional AND lane = $1',
    [common.Lane.RED],
  );
  const items = body['items'] as { key: string; inspected: number }[];
  expect(items.reduce((sum, { inspected }) => sum + inspected, 0)).toBe(Number(rows[0]?.n));
  for (const by of ['tier', 'size', 'arrangement'])
    expect((await services.rest(`/v1/benefits?by=${by}&until=2000-01-01`)).body).toEqual({
      items: [],
      nextCursor: null,
    });
});

test.each<[string, string, string]>([
  ['/v1/decisions/R5?version=3000000000', 'version', 'FIELD_RANGE'],
  ['/v1/decisions/R5?revision=3000000000', 'revision', 'FIELD_RANGE'],
  ['/v1/decisions/R5?version=x', 'version', 'FIELD_FORMAT'],
  ['/v1/decisions/%00', 'declarationId', 'FIELD_FORMAT'],
  ['/v1/decisions/%E0%A4%A', 'path', 'FIELD_FORMAT'],
  ['/v1/benefits?by=office&from=0000-01-01', 'from', 'FIELD_RANGE'],
  ['/v1/benefits?by=office&until=2201-01-01', 'until', 'FIELD_RANGE'],
  ['/v1/benefits?by=office&limit=201', 'limit', 'FIELD_RANGE'],
  ['/v1/benefits?by=office&cursor=nonsense', 'cursor', 'FIELD_FORMAT'],
])('%s is refused by its path', async (address, path, code) => {
  expect(await services.rest(address)).toMatchObject({ status: 400, body: { fields: [{ path, code }] } });
});

test('a number over 32 bits is refused with its path', async () => {
  const result = { kind: 'CONTROL_KIND_PHYSICAL', outcome: 'CONTROL_OUTCOME_CONFORM' };
  const control = { controlId: 'C6', declarationId: 'R5', version: 3_000_000_000, ...result };
  expect(await services.rest('/v1/controls', control)).toMatchObject({
    status: 400,
    body: { fields: [{ path: 'version', code: 'FIELD_RANGE' }] },
  });
  expect(await assess({ declaration: declared('R5'), stage, revision: 3_000_000_000 })).toMatchObject({
    status: 400,
    body: { fields: [{ path: 'revision', code: 'FIELD_RANGE' }] },
  });
});

test('a priority answer carries its scope', async () => {
  const path = '/v1/priority/national-trader-id/XA/NOBODY1';
  expect(await services.rest(path)).toMatchObject({
    status: 200,
    body: { match: 'MATCH_OUTCOME_NOT_ON_LIST' },
  });
  expect(await services.rest(`${path}?role=PARTY_ROLE_KING`)).toMatchObject({
    body: { fields: [{ path: 'role', code: 'FIELD_UNKNOWN_VALUE' }] },
  });
  expect(await services.rest(`${path}?minVersion=nonsense`)).toMatchObject({
    status: 400,
    body: { fields: [{ path: 'minVersion' }] },
  });
  expect(await services.rest('/v1/decisions/UNKNOWN')).toMatchObject({
    status: 404,
    body: { code: 'NOT_FOUND' },
  });
});

test('a node is ready once both sources have a fresh heartbeat on every partition, and stays ready', async () => {
  expect(await services.rest('/readyz')).toEqual({
    status: 503,
    body: { ready: false, reasons: ['not every partition of the exchange has a fresh heartbeat'] },
  });
  const { name, partitions } = topics.partnerStatus;
  const producer = await services.kafka.producer();
  await eventually(async () => {
    const { rows } = await services.clearanceDatabase.query<{ now: Date }>('SELECT clock_timestamp() AS now');
    const beats = Array.from({ length: partitions }, (_, partition) => ({
      topic: name,
      key: '',
      partition,
      headers: { 'event-type': heartbeatEventType },
      value: common.Heartbeat.encode({ asOf: rows[0]?.now, partition }).finish(),
    }));
    await producer.send(beats);
    expect(await services.rest('/readyz')).toEqual({ status: 200, body: { ready: true, reasons: [] } });
  });
  await producer.stop();
});

test('the OpenAPI document describes every route', async () => {
  const { body } = await services.rest('/openapi.json');
  expect(Object.keys(body['paths'] as Json)).toEqual([
    '/v1/priority/{scheme}/{country}/{value}',
    '/v1/declarations/assess',
    '/v1/controls',
    '/v1/decisions/{declarationId}',
    '/v1/benefits',
  ]);
});

test('a caller that is not a border post is denied over REST, RPC and stream', async () => {
  const { rest, grpc } = services.trader;
  const body = { declaration: declared('R6'), stage };
  for (const answer of [await rest('/v1/declarations/assess', body), await rest('/v1/benefits?by=tier')])
    expect(answer).toMatchObject({ status: 403, body: { code: 'NOT_ALLOWED' } });
  const service = clearanceService.ClearanceServiceService;
  const denied = { code: 'denied', reason: 'NOT_ALLOWED' };
  const request = clearanceService.AssessRequest.fromJSON(body);
  await expect(grpc.call(service.assess, request)).rejects.toMatchObject(denied);
  const stream = grpc.stream(service.assessStream);
  stream.onMessage(() => expect.unreachable());
  await expect(stream.closed).rejects.toMatchObject(denied);
  expect(await recordedRows('R6')).toBe(0);
});
