import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCertificates } from '../../../../infra/local/services/certificates.ts';
import { AppError } from '../errors.ts';
import { loadTls, type TlsFiles } from '../grpc.ts';
import { httpApp, mutualTlsRequest, peerName, serveHttp } from '../http.ts';
import type { Stoppable } from '../lifecycle.ts';
import { refusalText, type Language } from '../refusal-texts.ts';

const quiet = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
const folder = mkdtempSync(join(tmpdir(), 'http-'));
const stranger = mkdtempSync(join(tmpdir(), 'http-other-'));
let tls: TlsFiles;
let server: Stoppable & { port: number };
let reasons: string[] = [];

beforeAll(async () => {
  await createCertificates(folder, ['here', 'there']);
  await createCertificates(stranger, ['there']);
  tls = loadTls(folder, 'there');
  const app = httpApp({
    unready: () => reasons,
    logger: quiet,
    openApi: { openapi: '3.1.0' },
    routes: (router) => {
      router.get('/who', (request, response) => void response.send({ peer: peerName(request) }));
      router.get('/refused', () => {
        throw new AppError('conflict', 'KEY_REUSED', 'used before', {
          fields: [{ path: 'key', code: 'KEY_REUSED' }],
        });
      });
      router.get('/fault', () => Promise.reject(new Error('a secret')));
      router.get('/large', (_request, response) => void response.send('x'.repeat(5_000)));
      router.post('/echo', (request, response) => void response.send(request.body));
    },
  });
  server = await serveHttp(app, { port: 0, tls: loadTls(folder, 'here') });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
  rmSync(stranger, { recursive: true });
});

async function ask(path: string, settings: Partial<Parameters<typeof mutualTlsRequest>[1]> = {}) {
  const url = `https://localhost:${server.port}${path}`;
  const { status, body } = await mutualTlsRequest(url, {
    tls,
    timeoutMs: 5_000,
    bytesMax: 1_000_000,
    ...settings,
  });
  return { status, body: JSON.parse(body.toString()) as Record<string, unknown> };
}

test('a caller is identified by its certificate', async () => {
  expect(await ask('/who')).toEqual({ status: 200, body: { peer: 'there' } });
});

test('a caller of another authority is refused', async () => {
  const other = { ...loadTls(stranger, 'there'), ca: tls.ca };
  await expect(ask('/who', { tls: other })).rejects.toMatchObject({ code: 'unavailable' });
});

test('a request names its peer: another certificate of the same authority is not enough', async () => {
  expect(await ask('/who', { peer: 'here' })).toMatchObject({ status: 200 });
  await expect(ask('/who', { peer: 'there' })).rejects.toMatchObject({
    code: 'denied',
    reason: 'PEER_NOT_REGISTERED',
  });
  // Neither is a connection that an earlier request has left open.
  expect(await ask('/who')).toMatchObject({ status: 200 });
  await expect(ask('/who', { peer: 'there' })).rejects.toMatchObject({ code: 'denied' });
});

test('errors are problems with a stable code, and internal errors show no detail', async () => {
  expect(await ask('/refused')).toMatchObject({
    status: 409,
    body: { code: 'KEY_REUSED', status: 409, fields: [{ path: 'key', code: 'KEY_REUSED' }] },
  });
  expect(await ask('/fault')).toMatchObject({ status: 500, body: { code: 'INTERNAL', detail: '' } });
  expect(await ask('/nowhere')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
});

test.each([
  [undefined, 'en'],
  ['es-MX, fr;q=0.5', 'es'],
  ['de, fr;q=0.8, en;q=0.1', 'fr'],
  ['ar', 'ar'],
  ['zh', 'en'],
])(
  'a problem for a caller that accepts %s is written in %s, with the same codes',
  async (asked, language) => {
    const { status, body, headers } = await mutualTlsRequest(`https://localhost:${server.port}/refused`, {
      tls,
      timeoutMs: 5_000,
      bytesMax: 10_000,
      headers: asked === undefined ? {} : { 'accept-language': asked },
    });
    const text = refusalText('KEY_REUSED', language as Language);
    expect({ status, language: headers['content-language'] }).toEqual({ status: 409, language });
    expect(headers.vary).toContain('Accept-Language');
    expect(JSON.parse(body.toString())).toMatchObject({
      code: 'KEY_REUSED',
      title: text,
      fields: [{ path: 'key', code: 'KEY_REUSED', text }],
    });
  },
);

test('a body over the limit is refused at either end', async () => {
  expect(await ask('/echo', { json: { text: 'x'.repeat(300_000) } })).toMatchObject({
    status: 413,
    body: { code: 'BODY_TOO_LARGE' },
  });
  await expect(ask('/large', { bytesMax: 1_000 })).rejects.toMatchObject({ reason: 'BODY_TOO_LARGE' });
});

test('liveness, readiness and the description have their addresses', async () => {
  expect(await ask('/livez')).toMatchObject({ status: 200 });
  expect(await ask('/readyz')).toMatchObject({ status: 200, body: { ready: true } });
  reasons = ['status is stale'];
  expect(await ask('/readyz')).toMatchObject({ status: 503, body: { reasons: ['status is stale'] } });
  expect(await ask('/openapi.json')).toMatchObject({ body: { openapi: '3.1.0' } });
});
