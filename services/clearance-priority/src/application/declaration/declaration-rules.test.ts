import { bindRoutes, identifyCaller } from '@aeo/platform/http';
import type { AppError } from '@aeo/platform/errors';
import type { CallContext } from '@aeo/platform/grpc';
import { clearanceService, common, declaration } from '@aeo/proto';
import { expect, test } from 'vitest';
import { clearanceRoutes, type RestPorts } from '../../edge/rest/routes.ts';
import { assessOne, type AssessPorts } from '../../edge/grpc/assess.ts';
import { declarationLodged } from '../../edge/kafka/declaration-lodged.ts';
import { readRequest } from './read-request.ts';

type Json = Record<string, unknown>;
const importer = { role: 'PARTY_ROLE_IMPORTER' };
const item = { number: 1, hs6: '010101', price: { currency: 'KRW', minorUnits: '5' } };
const good = {
  declarationId: 'D1',
  version: 1,
  kind: 'DECLARATION_KIND_IMPORT',
  office: '10',
  direction: 'DIRECTION_IMPORT',
  transportMode: 'TRANSPORT_MODE_SEA',
  declaredOn: '2021-01-04',
  parties: [importer],
  items: [item],
};
const stage = 'STAGE_PRESENTATION';

/** Nothing bad may get past the checks, so the ports need no working parts. */
const noPorts = {} as RestPorts & AssessPorts;
const context = { correlationId: '', deadline: new Date(Date.now() + 60_000) } as CallContext;

async function problemOf(work: () => unknown): Promise<AppError | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error as AppError;
  }
}

const overRpc = (body: Json) =>
  problemOf(() => assessOne(noPorts)(clearanceService.AssessRequest.fromJSON(body), context));

/** The answer of the route as bound, without a server: what its handler is rejected with. */
function overRest(body: Json): Promise<AppError | undefined> {
  const handlers = new Map<string, (request: unknown, response: unknown) => Promise<void>>();
  const add = (path: string, handler: (request: unknown, response: unknown) => Promise<void>) =>
    void handlers.set(path, handler);
  bindRoutes(clearanceRoutes(noPorts, { certificates: 'any' }))({ get: add, post: add } as never);
  const socket = { authorized: true, getPeerCertificate: () => ({ subject: { CN: 'border-system' } }) };
  const request = { params: {}, query: {}, body, get: () => undefined, socket };
  const response = { status: () => undefined, send: () => undefined };
  return problemOf(async () => {
    await identifyCaller({})(request as never, response as never, () => undefined);
    await handlers.get('/v1/declarations/assess')?.(request, response);
  });
}

const onTopic = (body: Json) => {
  const lodged = declaration.DeclarationLodged.encode(declaration.DeclarationLodged.fromJSON(body)).finish();
  return problemOf(() => declarationLodged({} as never).handle(lodged, context as never));
};

const ofItem = (extra: Json) => ({ items: [{ ...item, ...extra }] });

test.each<[string, Json, string, string]>([
  ['a day before 1900', { declaredOn: '0000-01-01' }, 'declaredOn', 'FIELD_RANGE'],
  ['a day after 2200', { declaredOn: '2201-01-01' }, 'declaredOn', 'FIELD_RANGE'],
  ['no such day', { declaredOn: '2021-02-30' }, 'declaredOn', 'FIELD_FORMAT'],
  ['a version beyond 32 bits', { version: 3_000_000_000 }, 'version', 'FIELD_RANGE'],
  ['a long office', { office: 'x'.repeat(21) }, 'office', 'FIELD_FORMAT'],
  ['a control character', { transportDocument: 'a\u0000b' }, 'transportDocument', 'FIELD_FORMAT'],
  ['a long code', { importUse: 'x'.repeat(21) }, 'importUse', 'FIELD_FORMAT'],
  ['a country in small letters', { countryOfDispatch: 'xb' }, 'countryOfDispatch', 'FIELD_FORMAT'],
  ['a long name', { parties: [{ ...importer, name: 'x'.repeat(201) }] }, 'parties[0].name', 'FIELD_FORMAT'],
  ['a NUL in a name', { parties: [{ ...importer, name: '\u0000' }] }, 'parties[0].name', 'FIELD_FORMAT'],
  ['two importers', { parties: [importer, importer] }, 'parties[1].role', 'PARTY_REPEATED'],
  ['no parties', { parties: [] }, 'parties', 'PARTY_MISSING'],
  ['no items', { items: [] }, 'items', 'FIELD_REQUIRED'],
  ['a malformed heading', ofItem({ hs6: '01010' }), 'items[0].hs6', 'FIELD_FORMAT'],
  ['item 0', ofItem({ number: 0 }), 'items[0].number', 'FIELD_RANGE'],
  ['a country of one letter', ofItem({ countryOfOrigin: 'X' }), 'items[0].countryOfOrigin', 'FIELD_FORMAT'],
  [
    'a rate over 10,000 %',
    ofItem({ taxRateBasisPoints: 1_000_001 }),
    'items[0].taxRateBasisPoints',
    'FIELD_RANGE',
  ],
  ['a negative mass', ofItem({ netMassGrams: '-1' }), 'items[0].netMassGrams', 'FIELD_RANGE'],
  [
    'a currency nobody has',
    ofItem({ price: { currency: 'won', minorUnits: '5' } }),
    'items[0].price.currency',
    'FIELD_FORMAT',
  ],
])('%s is refused by its path, the same over RPC and REST', async (_, change, path, code) => {
  const body = { declaration: { ...good, ...change }, stage };
  const refused = { code: 'invalid', fields: [{ path: `declaration.${path}`, code }] };
  expect(await overRpc(body)).toMatchObject(refused);
  expect(await overRest(body)).toMatchObject(refused);
});

test.each(['IMPORTER', 'EXPORTER', 'DECLARANT'])('a second %s is refused', async (role) => {
  const second = { role: `PARTY_ROLE_${role}` };
  const body = { declaration: { ...good, parties: [importer, second, second] }, stage };
  expect((await overRpc(body))?.fields).toContainEqual({
    path: 'declaration.parties[2].role',
    code: 'PARTY_REPEATED',
  });
});

test('a lodged declaration that cannot be used is refused by its path', async () => {
  const body = { declaration: { ...good, declaredOn: '0000-01-01' }, stage };
  expect(await onTopic(body)).toMatchObject({
    code: 'invalid',
    fields: [{ path: 'declaration.declaredOn', code: 'FIELD_RANGE' }],
  });
});

test('a declaration over 200 kB is refused as a whole', async () => {
  const items = Array.from({ length: 999 }, (_, index) => ({ ...item, number: index + 1 }));
  const message = clearanceService.AssessRequest.fromJSON({ declaration: { ...good, items }, stage });
  expect(readRequest(message, '').declaration.items).toHaveLength(999);
  // A field this version does not know counts as well, since it would be kept.
  message.declaration!._unknownFields = {
    8186: [new Uint8Array([0xc0, 0x9a, 0x0c, ...new Uint8Array(200_000)])],
  };
  expect(await problemOf(() => readRequest(message, ''))).toMatchObject({
    fields: [{ path: 'declaration', code: 'BODY_TOO_LARGE' }],
  });
});

test('of very many problems the first fifty are named, and the text does not grow with them', async () => {
  const items = Array.from({ length: 999 }, () => ({ number: 0, hs6: 'x', countryOfOrigin: '?' }));
  const problem = await overRpc({ declaration: { ...good, items }, stage });
  expect(problem?.fields).toHaveLength(50);
  expect(problem?.message).toBe('declaration.items[0].number: FIELD_RANGE, and 49 more');
});

test.each([
  ['a NUL', 'a\u0000b'],
  ['too many characters', 'x'.repeat(129)],
  ['nothing', ''],
])('a correlation id with %s gives way to a new one', (_, given) => {
  const { Stage } = common;
  const message = {
    declaration: declaration.Declaration.fromJSON(good),
    stage: Stage.PRESENTATION,
    probe: false,
  };
  expect(readRequest(message, given).correlationId).toMatch(/^[0-9a-f-]{36}$/);
  expect(readRequest(message, 'order-1').correlationId).toBe('order-1');
});
