import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestCertificates } from '../../../../tests/setup/http/certificate-authority.ts';
import { nowS, startTestIssuer, type TestIssuer } from '../../../../tests/setup/http/token-issuer.ts';
import type { CallContext, TlsFiles } from '../grpc.ts';
import { bindRoutes, httpApp, mutualTlsRequest, openApiOf, restRoute, serveHttp, withETag } from '../http.ts';
import type { Identity } from '../identity/identify.ts';
import type { Stoppable } from '../lifecycle.ts';
import { requireMatch } from '../preconditions.ts';
import { tokenVerifier } from '../identity/token.ts';

const ignore = () => undefined;
const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
const about = ({ principal, actor, peer }: CallContext) => Promise.resolve({ principal, actor, peer });
const forOfficers = { certificates: ['there'], roles: ['officer'] } as const;
const thing = { params: { id: z.string() }, body: z.strictObject({ name: z.string() }) };
const routes = [
  restRoute({
    method: 'get',
    path: '/v1/who',
    summary: 'Who asks',
    allow: forOfficers,
    answer: z.unknown(),
    handle: (_, context) => about(context),
  }),
  restRoute({
    method: 'get',
    path: '/v1/version',
    summary: 'A thing with its version',
    allow: forOfficers,
    answer: z.unknown(),
    handle: () => Promise.resolve(withETag({ name: 'a' }, '7')),
  }),
  restRoute({
    method: 'put',
    path: '/v1/things/{id}',
    summary: 'Replaces a thing',
    ifMatch: 'required',
    allow: forOfficers,
    answer: z.unknown(),
    ...thing,
    handle: ({ params, body }, { ifMatch }) => {
      requireMatch(ifMatch, '7');
      return Promise.resolve(withETag({ ...params, ...body }, '8'));
    },
  }),
  restRoute({
    method: 'patch',
    path: '/v1/things/{id}',
    summary: 'Changes a thing',
    allow: forOfficers,
    answer: z.unknown(),
    ...thing,
    handle: ({ body }, { ifMatch }) => Promise.resolve({ ...body, ifMatch }),
  }),
  restRoute({
    method: 'delete',
    path: '/v1/things/{id}',
    summary: 'Removes a thing',
    status: 204,
    allow: forOfficers,
    answer: z.unknown(),
    params: { id: z.string() },
    handle: () => Promise.resolve(undefined),
  }),
];
/** As a route that came without its rule, past the types. */
const ruleless = [{ ...routes[0]!, path: '/v1/ruleless', allow: undefined }] as unknown as typeof routes;

let tls: Record<'here' | 'there' | 'elsewhere', TlsFiles>;
let foreign: Record<'there', TlsFiles>;
let issuer: TestIssuer;
const servers: (Stoppable & { port: number })[] = [];

async function serve(identity: Identity): Promise<void> {
  const app = httpApp({
    routes: bindRoutes([...routes, ...ruleless]),
    openApi: openApiOf('things', routes, 'proto/src'),
    unready: () => [],
    logger,
    identity,
  });
  servers.push(await serveHttp(app, { port: 0, tls: tls.here, certificateOptional: true }));
}

beforeAll(async () => {
  tls = await createTestCertificates('here', 'there', 'elsewhere');
  foreign = await createTestCertificates('there');
  issuer = await startTestIssuer();
  await serve({ verifyToken: tokenVerifier(issuer), certificateRoles: { there: ['officer'] } });
  await serve({});
});
afterAll(async () => {
  for (const server of servers) await server.stop();
  await issuer.stop();
});

type RequestSpec = {
  path?: string;
  method?: string;
  json?: unknown;
  token?: string;
  headers?: Record<string, string>;
  as?: Partial<TlsFiles>;
  /** The second server takes no tokens. */
  server?: number;
};

async function ask({
  path = '/v1/who',
  method,
  json,
  token,
  headers = {},
  as = {},
  server = 0,
}: RequestSpec) {
  const answer = await mutualTlsRequest(`https://localhost:${servers[server]?.port}${path}`, {
    tls: { ca: tls.here.ca, ...as },
    timeoutMs: 5_000,
    bytesMax: 1_000_000,
    headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    ...(json === undefined ? {} : { json }),
    ...(method === undefined ? {} : { method }),
  });
  const text = answer.body.toString();
  return {
    status: answer.status,
    etag: answer.headers.etag,
    challenge: answer.headers['www-authenticate'],
    body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
  };
}

const notAllowed = { status: 403, body: { code: 'NOT_ALLOWED' } };

test('a certificate on the list is admitted with the roles its service gives it', async () => {
  expect(await ask({ as: tls.there, headers: { actor: 'a person' } })).toMatchObject({
    status: 200,
    body: {
      principal: { kind: 'certificate', subject: 'there', roles: ['officer'], operatorIds: [], agencies: [] },
      actor: 'a person',
      peer: 'there',
    },
  });
  expect(await ask({ as: tls.elsewhere })).toMatchObject(notAllowed);
});

test('a token with the role is admitted without a certificate, and acts for its subject alone', async () => {
  const token = await issuer.token({ sub: 'person-1', roles: ['officer'], operator_ids: ['op-1'] });
  expect(await ask({ token, headers: { actor: 'somebody else' } })).toMatchObject({
    status: 200,
    body: {
      principal: {
        kind: 'token',
        subject: 'person-1',
        roles: ['officer'],
        operatorIds: ['op-1'],
        agencies: [],
      },
      actor: 'person-1',
      peer: 'token:person-1',
    },
  });
});

test('a valid token without the role is refused, also on a connection whose certificate is on the list', async () => {
  const token = await issuer.token({ sub: 'person-1', roles: ['applicant'] });
  expect(await ask({ token })).toMatchObject({ ...notAllowed, challenge: undefined });
  expect(await ask({ token, as: tls.there })).toMatchObject(notAllowed);
});

test('an invalid token and a missing right have different answers', async () => {
  const challenge = 'Bearer error="invalid_token"';
  const expired = await issuer.token({ sub: 'a', roles: ['officer'] }, { expiresAt: nowS() - 60 });
  for (const as of [{}, tls.there]) {
    const bad = await ask({ as, token: 'a.b.c' });
    expect(bad).toMatchObject({ status: 401, body: { code: 'TOKEN_INVALID' }, challenge });
    const old = await ask({ as, token: expired });
    expect(old).toMatchObject({ status: 401, body: { code: 'TOKEN_EXPIRED' }, challenge });
  }
});

test('where no issuer is set no token replaces a certificate', async () => {
  const token = await issuer.token({ sub: 'person-1', roles: ['officer'] });
  expect(await ask({ token, server: 1 })).toMatchObject({ status: 401, body: { code: 'TOKEN_INVALID' } });
  expect(await ask({ as: tls.there, server: 1 })).toMatchObject({ status: 200 });
});

test('a caller without credentials, or with a certificate of another authority under a name on the list, is refused', async () => {
  for (const server of [0, 1]) {
    expect(await ask({ server })).toMatchObject(notAllowed);
    const { cert, key } = foreign.there;
    expect(await ask({ server, as: { cert, key } })).toMatchObject(notAllowed);
  }
});

test('a route without a rule refuses every caller', async () => {
  const token = await issuer.token({ sub: 'person-1', roles: ['officer'] });
  expect(await ask({ path: '/v1/ruleless', as: tls.there })).toMatchObject(notAllowed);
  expect(await ask({ path: '/v1/ruleless', token })).toMatchObject(notAllowed);
});

test('an answer with a version carries its ETag, and no other answer has one', async () => {
  expect(await ask({ path: '/v1/version', as: tls.there })).toMatchObject({
    etag: '"7"',
    body: { name: 'a' },
  });
  expect((await ask({ as: tls.there })).etag).toBeUndefined();
});

test('a change names the version it changes: without one 428, with another 412', async () => {
  const change = { method: 'put', path: '/v1/things/x', json: { name: 'b' }, as: tls.there };
  expect(await ask(change)).toMatchObject({ status: 428, body: { code: 'PRECONDITION_REQUIRED' } });
  expect(await ask({ ...change, headers: { 'if-match': '"6"' } })).toMatchObject({
    status: 412,
    body: { code: 'PRECONDITION_FAILED' },
  });
  expect(await ask({ ...change, headers: { 'if-match': '"7"' } })).toMatchObject({
    status: 200,
    etag: '"8"',
    body: { id: 'x', name: 'b' },
  });
});

test('patch takes a body as put does, delete takes none', async () => {
  const path = '/v1/things/x';
  const changed = { method: 'patch', path, as: tls.there, headers: { 'if-match': '"7"' } };
  expect(await ask({ ...changed, json: { name: 'b' } })).toMatchObject({
    body: { name: 'b', ifMatch: '"7"' },
  });
  expect(await ask({ ...changed, json: { name: 7 } })).toMatchObject({
    status: 400,
    body: { fields: [{ path: 'name', code: 'FIELD_FORMAT' }] },
  });
  expect(await ask({ method: 'delete', path, as: tls.there })).toMatchObject({ status: 204, body: {} });
});

test('the description lists who may call, by which credentials, and which headers are read', async () => {
  const { body } = await ask({ path: '/openapi.json' });
  const header = (name: string, required: boolean) =>
    expect.objectContaining({ name, in: 'header', required }) as object;
  expect(body).toMatchObject({
    components: {
      securitySchemes: { certificate: { type: 'mutualTLS' }, token: { type: 'http', scheme: 'bearer' } },
    },
    paths: {
      '/v1/who': { get: { security: [{ certificate: ['there'] }, { token: ['officer'] }], parameters: [] } },
      '/v1/things/{id}': {
        put: {
          parameters: [{ in: 'path' }, header('Idempotency-Key', false), header('If-Match', true)],
          requestBody: { content: { 'application/json': { schema: { required: ['name'] } } } },
        },
        patch: {
          parameters: [{ in: 'path' }, header('Idempotency-Key', false), header('If-Match', false)],
          requestBody: { content: { 'application/json': { schema: { required: ['name'] } } } },
        },
        delete: { parameters: [{ in: 'path' }, header('Idempotency-Key', false), header('If-Match', false)] },
      },
    },
  });
  const described = body['paths'] as Record<string, Record<string, object>>;
  expect(described['/v1/things/{id}']?.['delete']).not.toHaveProperty('requestBody');
});
