import { once } from 'node:events';
import { constants, createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { makeGenericClientConstructor, type ServiceDefinition } from '@grpc/grpc-js';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../../../tests/setup/eventually.ts';
import { createTestCertificates } from '../../../../tests/setup/http/certificate-authority.ts';
import { AppError } from '../errors.ts';
import {
  grpcClient,
  grpcService,
  serveGrpc,
  type BidiHandler,
  type CallContext,
  type GrpcClient,
  type GrpcServer,
  type TlsFiles,
} from '../grpc.ts';

const bytes = {
  serialize: (value: unknown) => Buffer.from(JSON.stringify(value)),
  deserialize: (data: Buffer) => JSON.parse(data.toString()) as unknown,
};
const method = (path: string, streams: boolean) => ({
  path,
  requestStream: streams,
  responseStream: streams,
  requestSerialize: bytes.serialize,
  requestDeserialize: bytes.deserialize,
  responseSerialize: bytes.serialize,
  responseDeserialize: bytes.deserialize,
});
const definition = {
  ask: method('/test.v1.Test/Ask', false),
  talk: method('/test.v1.Test/Talk', true),
} satisfies ServiceDefinition;
const Client = makeGenericClientConstructor(definition, 'test.v1.Test');

let authority: Record<'here' | 'there', TlsFiles>;
let server: GrpcServer;
let client: GrpcClient;
beforeAll(async () => {
  authority = await createTestCertificates('here', 'there');
});
afterEach(async () => {
  await client.stop();
  await server.stop();
});

type Ask = (request: unknown, context: CallContext) => Promise<unknown>;

async function serve(ask: Ask, talk: BidiHandler<unknown, unknown> = () => Promise.resolve()) {
  const allow = { certificates: ['there'] };
  const service = grpcService(definition, {
    unary: { ask: { allow, handle: ask } },
    bidi: { talk: { allow, handle: talk } },
  });
  server = await serveGrpc({ port: 0, tls: authority.here, services: [service] });
  client = grpcClient(Client, { address: `localhost:${server.port}`, tls: authority.there });
}

test('a refusal arrives with its code, reason and fields', async () => {
  const fields = [{ path: 'declaration.office', code: 'FIELD_REQUIRED' }];
  await serve(() =>
    Promise.reject(new AppError('invalid', 'FIELD_REQUIRED', 'an office is needed', { fields })),
  );
  await expect(client.call(definition.ask, {})).rejects.toMatchObject({
    code: 'invalid',
    reason: 'FIELD_REQUIRED',
    fields,
  });
});

test.each(['not_found', 'conflict', 'denied', 'unavailable'] as const)(
  '%s keeps its meaning',
  async (code) => {
    await serve(() => Promise.reject(new AppError(code, 'SOME_REASON', 'text')));
    await expect(client.call(definition.ask, {})).rejects.toMatchObject({ code, reason: 'SOME_REASON' });
  },
);

test('the message of an internal error does not leave the process', async () => {
  await serve(() => Promise.reject(new Error('password=hunter2')));
  const failure = await client.call(definition.ask, {}).catch((error: unknown) => error as AppError);
  expect(failure).toMatchObject({ code: 'internal', reason: 'INTERNAL' });
  expect(JSON.stringify(failure) + (failure as AppError).message).not.toContain('hunter2');
});

test('the handler receives caller and deadline, and an answer after the deadline is not sent', async () => {
  let seen: CallContext | undefined;
  await serve((_, about) => {
    seen = about;
    return new Promise(() => undefined);
  });
  const call = client.call(
    definition.ask,
    {},
    { deadlineMs: 500, actor: 'officer-1', idempotencyKey: 'k-1' },
  );
  await expect(call).rejects.toMatchObject({ code: 'unavailable' });
  expect(seen).toMatchObject({ actor: 'officer-1', idempotencyKey: 'k-1' });
  await eventually(() => expect(seen?.signal.aborted).toBe(true));
});

test('the signal of an answered call is not aborted by the end of its stream', async () => {
  const signals: AbortSignal[] = [];
  await serve((_, { signal }) => {
    signals.push(signal);
    return Promise.resolve({});
  });
  for (let count = 0; count < 5; count += 1) await client.call(definition.ask, {});
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, false, false, false, false]);
});

test('a body over the limit is refused with BODY_TOO_LARGE', async () => {
  await serve(() => Promise.resolve({}));
  const call = client.call(definition.ask, { text: 'x'.repeat(2_000_000) });
  await expect(call).rejects.toMatchObject({ code: 'invalid', reason: 'BODY_TOO_LARGE' });
});

test('answers on a stream may come out of order and none is lost', async () => {
  await serve(
    () => Promise.resolve({}),
    async ({ messages, send }) => {
      const answers: Promise<void>[] = [];
      for await (const message of messages) {
        const delayMs = (message as { n: number }).n % 3 === 0 ? 5 : 0;
        answers.push(new Promise<void>((resolve) => setTimeout(resolve, delayMs)).then(() => send(message)));
      }
      await Promise.all(answers);
    },
  );
  const stream = client.stream(definition.talk);
  const answers: number[] = [];
  stream.onMessage((message) => answers.push((message as { n: number }).n));
  for (let n = 0; n < 500; n += 1) await stream.write({ n });
  stream.end();
  await stream.closed;
  expect(answers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 500 }, (_, n) => n));
});

test('a peer that sends faster than the handler reads waits (back-pressure)', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const read: unknown[] = [];
  await serve(
    () => Promise.resolve({}),
    async ({ messages }) => {
      for await (const message of messages) {
        read.push(message);
        await held;
      }
    },
  );
  const stream = client.stream(definition.talk);
  stream.onMessage(() => undefined);
  const text = 'x'.repeat(100_000);
  let written = 0;
  const all = (async () => {
    for (; written < 400; written += 1) await stream.write({ text });
  })();
  await eventually(() => expect(read).toHaveLength(1));
  // 40 MB would be written in a moment; what fits into buffers on the way is far less.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(written).toBeLessThan(300);
  release();
  await all;
  stream.end();
  await stream.closed;
  expect(read).toHaveLength(400);
});

test('a server that stops answers the messages it has read from a stream, and ends it', async () => {
  await serve(
    () => Promise.resolve({}),
    async ({ messages, send }) => {
      const answers: Promise<void>[] = [];
      for await (const message of messages) {
        answers.push(new Promise<void>((resolve) => setTimeout(resolve, 300)).then(() => send(message)));
      }
      await Promise.all(answers);
    },
  );
  const stream = client.stream(definition.talk);
  const answers: unknown[] = [];
  stream.onMessage((message) => answers.push(message));
  for (let n = 0; n < 10; n += 1) await stream.write({ n });
  await new Promise((resolve) => setTimeout(resolve, 100));
  await Promise.all([server.stop(), stream.closed]);
  expect(answers).toHaveLength(10);
  await expect(stream.write({ n: 11 })).resolves.toBeUndefined();
});

test('a method without a handler prevents the start', () => {
  expect(() => grpcService(definition, { unary: {} })).toThrow('ask, talk');
});

test('a stream reset without an error from the handler is an unavailable peer, not an internal error', async () => {
  await serve(() => Promise.resolve({}));
  const broken = createHttp2Server().on('stream', (stream) =>
    stream.on('error', () => undefined).close(constants.NGHTTP2_INTERNAL_ERROR),
  );
  broken.listen(0, '127.0.0.1');
  await once(broken, 'listening');
  const { port } = broken.address() as AddressInfo;
  const caller = grpcClient(Client, { address: `127.0.0.1:${port}`, defaultDeadlineMs: 10_000 });
  const call = caller.call(definition.ask, {});
  await expect(call).rejects.toMatchObject({ code: 'unavailable', reason: 'UNAVAILABLE' });
  await caller.stop();
  broken.close();
});
