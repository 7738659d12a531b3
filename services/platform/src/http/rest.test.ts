import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createCertificates } from '../../../../infra/local/services/certificates.ts';
import { loadTls, type TlsFiles } from '../grpc.ts';
import { bindRoutes, httpApp, mutualTlsRequest, openApiOf, restRoute, serveHttp } from '../http.ts';
import type { Stoppable } from '../lifecycle.ts';

const quiet = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
const goods = z.strictObject({
  kind: z.enum(['KIND_A', 'KIND_B']),
  items: z.array(z.strictObject({ hs6: z.string().regex(/^\d{6}$/), mass: z.int().min(0) })).min(1),
});
const routes = [
  restRoute({
    method: 'get',
    path: '/v1/things/{id}',
    summary: 'One thing',
    allow: { certificates: ['there'] },
    answer: z.strictObject({ id: z.string(), limit: z.int() }),
    params: { id: z.string().max(3) },
    query: { limit: z.coerce.number().int().max(200).default(50) },
    handle: ({ params, query }) => Promise.resolve({ ...params, ...query }),
  }),
  restRoute({
    method: 'post',
    path: '/v1/things',
    summary: 'A new thing',
    status: 201,
    allow: { certificates: ['there'] },
    answer: { message: 'aeo.common.v1.StatusVersion', paged: true },
    body: goods,
    handle: ({ body }, { idempotencyKey }) => Promise.resolve({ kind: body.kind, idempotencyKey }),
  }),
];
const folder = mkdtempSync(join(tmpdir(), 'rest-'));
let tls: TlsFiles;
let server: Stoppable & { port: number };

beforeAll(async () => {
  await createCertificates(folder, ['here', 'there']);
  tls = loadTls(folder, 'there');
  const app = httpApp({
    routes: bindRoutes(routes),
    unready: () => [],
    logger: quiet,
    identity: {},
    openApi: openApiOf('things', routes, 'proto/src'),
  });
  server = await serveHttp(app, { port: 0, tls: loadTls(folder, 'here'), certificateOptional: true });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

async function ask(path: string, json?: unknown, ownTls: Partial<TlsFiles> = tls) {
  const { status, body } = await mutualTlsRequest(`https://localhost:${server.port}${path}`, {
    tls: { ...tls, ...ownTls },
    timeoutMs: 5_000,
    bytesMax: 1_000_000,
    ...(json === undefined ? {} : { json }),
  });
  return { status, body: JSON.parse(body.toString()) as Record<string, unknown> };
}

test('input is read by its schema, defaults included', async () => {
  expect(await ask('/v1/things/abc')).toEqual({ status: 200, body: { id: 'abc', limit: 50 } });
  const made = await ask('/v1/things', { kind: 'KIND_A', items: [{ hs6: '010101', mass: 0 }] });
  expect(made).toMatchObject({ status: 201, body: { kind: 'KIND_A' } });
});

test.each([
  [{ kind: 'KIND_C', items: [{ hs6: '010101', mass: 1 }] }, 'kind', 'FIELD_UNKNOWN_VALUE'],
  [{ items: [{ hs6: '010101', mass: 1 }] }, 'kind', 'FIELD_REQUIRED'],
  [{ kind: 'KIND_A', items: [{ hs6: '0101', mass: 1 }] }, 'items[0].hs6', 'FIELD_FORMAT'],
  [{ kind: 'KIND_A', items: [{ mass: 1 }] }, 'items[0].hs6', 'FIELD_REQUIRED'],
  [{ kind: 'KIND_A', items: [{ hs6: '010101', mass: -1 }] }, 'items[0].mass', 'FIELD_RANGE'],
  [{ kind: 'KIND_A', items: [] }, 'items', 'FIELD_RANGE'],
  [{ kind: 'KIND_A', items: [{ hs6: '010101', mass: 1, colour: 1 }] }, 'items[0].colour', 'FIELD_UNKNOWN'],
])('%j is refused at %s', async (json, path, code) => {
  expect(await ask('/v1/things', json)).toMatchObject({
    status: 400,
    body: { code, fields: [{ path, code }] },
  });
});

test('a parameter out of bounds is named', async () => {
  expect(await ask('/v1/things/abc?limit=201')).toMatchObject({
    body: { fields: [{ path: 'limit', code: 'FIELD_RANGE' }] },
  });
  expect(await ask('/v1/things/abcd?colour=1')).toMatchObject({
    body: { fields: [{ path: 'id' }, { path: 'colour', code: 'FIELD_UNKNOWN' }] },
  });
});

test('of very many problems the first fifty are listed, and the detail does not repeat them', async () => {
  const items = Array.from({ length: 3_000 }, () => ({ hs6: 1, mass: -1 }));
  const { status, body } = await ask('/v1/things', { kind: 'KIND_A', items });
  expect([status, body['detail']]).toEqual([400, 'items[0].hs6: FIELD_FORMAT, and 49 more']);
  expect(body['fields']).toHaveLength(50);
});

test('a path that cannot be decoded is refused, not an internal error', async () => {
  expect(await ask('/v1/things/%E0%A4%A')).toMatchObject({
    status: 400,
    body: { code: 'FIELD_FORMAT', fields: [{ path: 'path', code: 'FIELD_FORMAT' }] },
  });
});

test('the description names every route with its parameters and body', async () => {
  const item = { $ref: '#/components/schemas/aeo.common.v1.StatusVersion' };
  const page = { properties: { items: { items: item } }, required: ['items', 'nextCursor'] };
  const { body } = await ask('/openapi.json');
  expect(body).toMatchObject({
    openapi: '3.1.0',
    paths: {
      '/v1/things/{id}': {
        get: {
          parameters: [
            { name: 'id', in: 'path', required: true },
            { name: 'limit', in: 'query', required: false },
          ],
          responses: {
            200: { content: { 'application/json': { schema: { required: ['id', 'limit'] } } } },
          },
        },
      },
      '/v1/things': {
        post: {
          requestBody: { content: { 'application/json': { schema: { required: ['kind', 'items'] } } } },
          responses: { 201: { content: { 'application/json': { schema: page } } } },
        },
      },
    },
    components: {
      schemas: {
        'aeo.common.v1.StatusVersion': {
          type: 'object',
          additionalProperties: false,
          properties: { epoch: { type: 'string' }, number: { type: 'string' } },
        },
      },
    },
  });
});
