import { once } from 'node:events';
import { Agent, request as httpsRequest, type RequestOptions } from 'node:https';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { eventually } from '../../../../tests/setup/eventually.ts';
import { createTestCertificates } from '../../../../tests/setup/http/certificate-authority.ts';
import { AppError } from '../errors.ts';
import type { TlsFiles } from '../grpc.ts';
import { bindUpload, httpApp, openApiOf, serveHttp, uploadRoute } from '../http.ts';
import type { Stoppable } from '../lifecycle.ts';

const ignore = () => undefined;
const faults: string[] = [];
const logger = { debug: ignore, info: ignore, warn: ignore, error: (text: string) => void faults.push(text) };
const bytesMax = 1_000_000;

/** How many bytes handlers have read, and what stopped them. */
let read = 0;
let stopped: unknown;
beforeEach(() => void ([read, stopped] = [0, undefined]));

const common = {
  answer: z.unknown(),
  summary: 'Takes bytes',
  allow: { certificates: ['there'] },
  status: 201,
  params: { id: z.string().max(3) },
  query: { kind: z.enum(['a', 'b']) },
  bytesMax,
} as const;
const whole = uploadRoute({
  ...common,
  path: '/v1/files/{id}',
  handle: async (content, { params, query }, { actor }) => {
    try {
      for await (const piece of content) read += piece.length;
    } catch (error) {
      stopped = error;
      throw error;
    }
    return { ...params, ...query, actor, bytes: read };
  },
});
const glance = uploadRoute({
  ...common,
  path: '/v1/glances/{id}',
  handle: async (content) => {
    for await (const piece of content) {
      read += piece.length;
      break;
    }
    return { glanced: true };
  },
});
const impatient = uploadRoute({ ...common, path: '/v1/now/{id}', stallMs: 100, handle: drained });

const choosy = uploadRoute({
  ...common,
  path: '/v1/choices/{id}',
  handle: (_content, { query }) => {
    const reason = query.kind === 'a' ? 'EVIDENCE_TYPE' : 'EVIDENCE_TOO_LARGE';
    return Promise.reject(new AppError('invalid', reason, 'not this'));
  },
});

async function drained(content: AsyncIterable<Uint8Array>): Promise<object> {
  for await (const piece of content) read += piece.length;
  return {};
}

let tls: Record<'here' | 'there' | 'elsewhere', TlsFiles>;
let server: Stoppable & { port: number };

beforeAll(async () => {
  tls = await createTestCertificates('here', 'there', 'elsewhere');
  const app = httpApp({
    unready: () => [],
    logger,
    identity: {},
    routes: (router) => [whole, glance, impatient, choosy].forEach((route) => bindUpload(router, route)),
  });
  server = await serveHttp(app, { port: 0, tls: tls.here, certificateOptional: true });
});
afterAll(() => server.stop());

function begin(path: string, options: RequestOptions = {}, as = tls.there): ClientRequest {
  const asking = httpsRequest(`https://localhost:${server.port}${path}`, {
    method: 'POST',
    agent: false,
    ...as,
    ...options,
  });
  // The server may let go of what it does not want.
  return asking.on('error', ignore);
}

async function answerOf(asking: ClientRequest): Promise<{ status: number; body: Record<string, unknown> }> {
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece as Buffer);
  const body = JSON.parse(Buffer.concat(pieces).toString()) as Record<string, unknown>;
  return { status: response.statusCode ?? 0, body };
}

/** Sends without end, and does not close the connection itself; fulfilled when the server has done so. */
async function sendForEver(path: string) {
  const agent = new Agent({ keepAlive: true });
  const asking = begin(path, { agent });
  const [socket] = (await once(asking, 'socket')) as [Socket];
  // Whether by an end or by a reset: bytes were under way.
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const sending = setInterval(() => asking.write(Buffer.alloc(50_000)), 1);
  const answer = await answerOf(asking);
  await closed;
  clearInterval(sending);
  agent.destroy();
  return answer;
}

/** Sends bytes in pieces, of a length it does not say beforehand. */
function send(path: string, bytes: number, as = tls.there) {
  const asking = begin(path, {}, as);
  for (let sent = 0; sent < bytes; sent += 50_000) asking.write(Buffer.alloc(Math.min(50_000, bytes - sent)));
  asking.end();
  return answerOf(asking);
}

test('bytes reach the handler as they are, with parameters that were checked', async () => {
  expect(await send('/v1/files/abc?kind=a', 123_456)).toEqual({
    status: 201,
    body: { id: 'abc', kind: 'a', actor: 'there', bytes: 123_456 },
  });
  expect(await send('/v1/files/abc?kind=a', 0)).toMatchObject({ status: 201 });
});

test('bytes reach the handler while more are to come', async () => {
  const asking = begin('/v1/files/abc?kind=a');
  asking.write(Buffer.alloc(1_000));
  await eventually(() => expect(read).toBe(1_000));
  asking.end(Buffer.alloc(10));
  expect(await answerOf(asking)).toMatchObject({ body: { bytes: 1_010 } });
});

test('the limit is allowed, and a byte more is refused', async () => {
  expect(await send('/v1/files/abc?kind=a', bytesMax)).toMatchObject({ body: { bytes: bytesMax } });
  expect(await send('/v1/files/abc?kind=a', bytesMax + 1)).toMatchObject({
    status: 413,
    body: { code: 'BODY_TOO_LARGE' },
  });
});

test('a body that declares a length above the limit is refused before it is sent', async () => {
  const asking = begin('/v1/files/abc?kind=a', { headers: { 'content-length': bytesMax + 1 } });
  asking.flushHeaders();
  expect(await answerOf(asking)).toMatchObject({ status: 413, body: { code: 'BODY_TOO_LARGE' } });
  expect(read).toBe(0);
  asking.destroy();
});

test.each([
  ['who may not', '/v1/files/abc?kind=a', 403, 'NOT_ALLOWED', 'elsewhere'],
  ['a parameter that is wrong', '/v1/files/abcd?kind=a', 400, 'FIELD_RANGE', 'there'],
  ['a query that is wrong', '/v1/files/abc?kind=c', 400, 'FIELD_UNKNOWN_VALUE', 'there'],
] as const)('%s is refused before a byte is read', async (_, path, status, code, as) => {
  expect(await send(path, 10_000, tls[as])).toMatchObject({ status, body: { code } });
  expect(read).toBe(0);
});

test.each([
  ['a', 415, 'EVIDENCE_TYPE'],
  ['b', 413, 'EVIDENCE_TOO_LARGE'],
])('a refusal of a handler has its own status: %s is %i', async (kind, status, code) => {
  expect(await send(`/v1/choices/abc?kind=${kind}`, 1_000)).toMatchObject({ status, body: { code } });
});

test('an upload of JSON is refused', async () => {
  const asking = begin('/v1/files/abc?kind=a', { headers: { 'content-type': 'application/json' } });
  asking.end('{"a":1}');
  expect(await answerOf(asking)).toMatchObject({ status: 400, body: { code: 'BODY_MALFORMED' } });
});

test('an answer before the end of the body is sent, and a caller that continues to send is disconnected', async () => {
  expect(await sendForEver('/v1/glances/abc?kind=a')).toEqual({ status: 201, body: { glanced: true } });
  expect(read).toBeLessThanOrEqual(65_536);
});

test('a refused caller is answered, and disconnected when it continues to send', async () => {
  expect(await sendForEver('/v1/files/abc?kind=a')).toMatchObject({ status: 413 });
  expect(read).toBeLessThanOrEqual(bytesMax);
});

test('a caller that may not send is disconnected as well', async () => {
  expect(await sendForEver('/v1/files/abcd?kind=a')).toMatchObject({ status: 400 });
  expect(read).toBe(0);
});

test('a caller that sends nothing for too long is refused', async () => {
  const asking = begin('/v1/now/abc?kind=a');
  asking.write(Buffer.alloc(1_000));
  expect(await answerOf(asking)).toMatchObject({ status: 408, body: { code: 'BODY_TOO_SLOW' } });
  await once(asking, 'close');
});

test('a caller that disconnects stops the handler, and no internal error is logged', async () => {
  const asking = begin('/v1/files/abc?kind=a');
  asking.write(Buffer.alloc(1_000));
  await eventually(() => expect(read).toBe(1_000));
  asking.destroy();
  await eventually(() => expect(stopped).toMatchObject({ code: 'ECONNRESET' }));
  expect(faults).toEqual([]);
});

test('the description declares a body of bytes', () => {
  expect(openApiOf('files', [whole], 'proto/src')).toMatchObject({
    paths: {
      '/v1/files/{id}': {
        post: {
          parameters: [{ name: 'id', in: 'path' }, { name: 'kind', in: 'query' }, {}],
          requestBody: {
            content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
          },
        },
      },
    },
  });
});
