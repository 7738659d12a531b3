import { makeGenericClientConstructor, status, type ServiceDefinition } from '@grpc/grpc-js';
import { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createTestCertificates } from '../../../../tests/setup/http/certificate-authority.ts';
import { nowS, startTestIssuer, type TestIssuer } from '../../../../tests/setup/http/token-issuer.ts';
import type { AppError } from '../errors.ts';
import {
  grpcClient,
  grpcService,
  serveGrpc,
  type CallContext,
  type GrpcClient,
  type GrpcServer,
  type TlsFiles,
} from '../grpc.ts';
import { tokenVerifier } from '../identity/token.ts';

const bytes = {
  requestSerialize: (value: unknown) => Buffer.from(JSON.stringify(value)),
  requestDeserialize: (data: Buffer) => JSON.parse(data.toString()) as unknown,
  responseSerialize: (value: unknown) => Buffer.from(JSON.stringify(value)),
  responseDeserialize: (data: Buffer) => JSON.parse(data.toString()) as unknown,
};
const method = (name: string, streams: boolean) => ({
  path: `/test.v1.Callers/${name}`,
  requestStream: streams,
  responseStream: streams,
  ...bytes,
});
const definition = {
  ruled: method('Ruled', false),
  ruleless: method('Ruleless', false),
  ruledStream: method('RuledStream', true),
  rulelessStream: method('RulelessStream', true),
} satisfies ServiceDefinition;
const Client = makeGenericClientConstructor(definition, 'test.v1.Callers');
const rule = { certificates: ['there'], roles: ['officer'] } as const;
const about = (_: unknown, { principal, actor, peer }: CallContext) =>
  Promise.resolve({ principal, actor, peer });

let issuer: TestIssuer;
let tls: Record<'here' | 'there' | 'elsewhere', TlsFiles>;
const servers: GrpcServer[] = [];
const clients: Record<string, GrpcClient> = {};

const connect = (server: number, caller: 'there' | 'elsewhere') =>
  grpcClient(Client, {
    address: `localhost:${servers[server]?.port}`,
    tls: tls[caller],
    defaultDeadlineMs: 5_000,
  });

beforeAll(async () => {
  issuer = await startTestIssuer();
  tls = await createTestCertificates('here', 'there', 'elsewhere');
  const answerAll = async ({
    messages,
    send,
  }: {
    messages: AsyncIterable<unknown>;
    send: (m: unknown) => Promise<void>;
  }) => {
    for await (const message of messages) await send(message);
  };
  const service = () =>
    grpcService(definition, {
      unary: {
        ruled: { allow: rule, handle: about },
        // @ts-expect-error A method says who may call it.
        ruleless: { handle: about },
      },
      bidi: {
        ruledStream: { allow: rule, handle: answerAll },
        // @ts-expect-error A stream says who may open it.
        rulelessStream: { handle: answerAll },
      },
    });
  const verifyToken = tokenVerifier(issuer);
  for (const identity of [{ verifyToken, certificateRoles: { there: ['officer'] } }, {}] as const)
    servers.push(await serveGrpc({ port: 0, tls: tls.here, services: [service()], identity }));
  clients['there'] = connect(0, 'there');
  clients['elsewhere'] = connect(0, 'elsewhere');
  clients['thereWithoutTokens'] = connect(1, 'there');
});
afterAll(async () => {
  for (const part of [...Object.values(clients), ...servers]) await part.stop();
  await issuer.stop();
});

const denied = { code: 'denied', reason: 'NOT_ALLOWED' };

/** What one message on a stream comes to. */
async function onStream(client: string, name: 'ruledStream' | 'rulelessStream'): Promise<unknown> {
  const stream = clients[client]!.stream(definition[name]);
  const answers: unknown[] = [];
  stream.onMessage((message) => answers.push(message));
  stream.write({ n: 1 }).catch(() => undefined);
  stream.end();
  return stream.closed.then(
    () => answers,
    ({ code, reason }: AppError) => ({ code, reason }),
  );
}

test('a certificate on the list is admitted, others are refused', async () => {
  expect(await clients['there']!.call(definition.ruled, {}, { actor: 'a person' })).toEqual({
    principal: { kind: 'certificate', subject: 'there', roles: ['officer'], operatorIds: [], agencies: [] },
    actor: 'a person',
    peer: 'there',
  });
  await expect(clients['elsewhere']!.call(definition.ruled, {})).rejects.toMatchObject(denied);
  expect(await onStream('there', 'ruledStream')).toEqual([{ n: 1 }]);
  expect(await onStream('elsewhere', 'ruledStream')).toEqual(denied);
});

test('each connection has the identity of its own certificate, also after another one was closed', async () => {
  for (const caller of ['there', 'elsewhere', 'there', 'elsewhere'] as const) {
    const client = connect(0, caller);
    const call = client.call(definition.ruled, {});
    if (caller === 'there') expect(await call).toMatchObject({ peer: 'there' });
    else await expect(call).rejects.toMatchObject(denied);
    await client.stop();
  }
});

test('a certificate is parsed once for each connection, however many calls it carries', async () => {
  const client = connect(0, 'there');
  await client.call(definition.ruled, {});
  const parsed = vi.spyOn(TLSSocket.prototype, 'getPeerCertificate');
  try {
    for (let count = 0; count < 5; count += 1) await client.call(definition.ruled, {});
    expect(parsed).not.toHaveBeenCalled();
  } finally {
    parsed.mockRestore();
    await client.stop();
  }
});

test('a method without a rule refuses every caller', async () => {
  await expect(clients['there']!.call(definition.ruleless, {})).rejects.toMatchObject(denied);
  const token = await issuer.token({ sub: 'person-1', roles: ['officer'] });
  await expect(clients['there']!.call(definition.ruleless, {}, { token })).rejects.toMatchObject(denied);
  expect(await onStream('there', 'rulelessStream')).toEqual(denied);
});

test('a token identifies the caller, whatever certificate the connection has', async () => {
  const officer = await issuer.token({ sub: 'person-1', roles: ['officer'] });
  expect(await clients['elsewhere']!.call(definition.ruled, {}, { token: officer, actor: 'other' })).toEqual({
    principal: { kind: 'token', subject: 'person-1', roles: ['officer'], operatorIds: [], agencies: [] },
    actor: 'person-1',
    peer: 'token:person-1',
  });
  const token = await issuer.token({ sub: 'person-2', roles: ['applicant'] });
  await expect(clients['there']!.call(definition.ruled, {}, { token })).rejects.toMatchObject(denied);
});

test('an invalid token is refused, and any token where no issuer is set', async () => {
  const claims = { sub: 'person-1', roles: ['officer'] };
  const call = (client: string, token: string) => clients[client]!.call(definition.ruled, {}, { token });
  const unauthenticated = { code: status.UNAUTHENTICATED };
  const invalid = { code: 'denied', reason: 'TOKEN_INVALID', cause: unauthenticated };
  await expect(call('there', 'a.b.c')).rejects.toMatchObject(invalid);
  await expect(call('thereWithoutTokens', await issuer.token(claims))).rejects.toMatchObject(invalid);
  const expired = await issuer.token(claims, { expiresAt: nowS() - 60 });
  await expect(call('there', expired)).rejects.toMatchObject({
    code: 'denied',
    reason: 'TOKEN_EXPIRED',
    cause: unauthenticated,
  });
});
