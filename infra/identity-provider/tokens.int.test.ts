import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  decodeJwt,
  generateKeyPair,
  importJWK,
  SignJWT,
  type CryptoKey,
  type JWK,
  type JWTPayload,
} from 'jose';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { registryService } from '@aeo/proto';
import { processFolder } from '../../tests/setup/stack/process-folder.ts';
import { registration, startTestRegistry, type TestRegistry } from '../../tests/setup/registry/registry.ts';
import { signIn, requestTokens } from '../../tests/setup/http/sign-in.ts';
import { accounts, systems } from './accounts.ts';
import { startIdentityProvider, type IdentityProvider } from './start.ts';

const folder = processFolder('identity');
let provider: IdentityProvider;
let registry: TestRegistry;

beforeAll(async () => {
  const below = (name: string) => join(folder, name);
  const folders = {
    downloads: below('downloads'),
    data: below('data'),
    logs: below('logs'),
    run: below('run'),
  };
  for (const each of Object.values(folders)) mkdirSync(each);
  provider = await startIdentityProvider({ folders: { ...folders, fresh: true } });
  registry = await startTestRegistry(inject('stack'), { issuer: provider.settings });
});
afterAll(async () => {
  await registry.stop();
  await provider.child.stop(5_000);
});

/** The access token of the sample account with this role. */
async function tokenOf(role: string): Promise<string> {
  const { id, password } = accounts.find(({ roles }) => roles.some((each) => each === role))!;
  return (await signIn(provider.issuer, id, password)).access_token;
}

const newOperator = () => ({
  ...(registryService.RegisterOperatorRequest.toJSON(registration(randomUUID())) as Record<string, unknown>),
});

const auditRows = async () => {
  const { rows } = await registry.database.query<{ actor: string; caller: string }>(
    'SELECT actor, caller FROM audit ORDER BY id',
  );
  return rows;
};

test.each(accounts.map(({ id, ...account }) => [id, account] as const))(
  '%s signs in and gets a token with its roles and operators',
  async (id, { password, roles, operatorIds, agencies }) => {
    const { access_token: token, id_token: about = '' } = await signIn(provider.issuer, id, password);
    expect(decodeJwt(token)).toMatchObject({
      sub: id,
      roles,
      operator_ids: operatorIds,
      agencies,
      iss: provider.issuer,
    });
    expect(decodeJwt(about)).toMatchObject({ sub: id, aud: 'portal' });
    // Any authenticated caller may read the register; this one has no certificate.
    expect(await registry.restByToken(token, '/v1/certificates')).toMatchObject({ status: 200 });
  },
);

test('a wrong password, and an unknown name, get no token', async () => {
  const [{ id, password }] = accounts as [(typeof accounts)[0]];
  await expect(signIn(provider.issuer, id, `${password}x`)).rejects.toThrow('wrong');
  await expect(signIn(provider.issuer, 'nobody', '')).rejects.toThrow('wrong');
});

test('systems get tokens with their own secret only', async () => {
  const form = { grant_type: 'client_credentials' };
  for (const { id, secret, roles } of systems) {
    const { access_token: token } = await requestTokens(provider.issuer, form, { id, secret });
    expect(decodeJwt(token)).toMatchObject({ sub: id, roles, operator_ids: [] });
  }
  const [{ id }] = systems as [(typeof systems)[0]];
  await expect(requestTokens(provider.issuer, form, { id, secret: 'another' })).rejects.toThrow('401');
});

test('an officer sends a command with a token, and the audit row records the token', async () => {
  const answer = await registry.restByToken(await tokenOf('officer'), '/v1/operators', newOperator());
  expect(answer).toMatchObject({ status: 201 });
  const { id } = accounts.find(({ roles }) => roles.includes('officer'))!;
  expect((await auditRows()).at(-1)).toEqual({ actor: id, caller: `token:${id}` });
});

test.each(['applicant', 'adviser', 'agency', 'auditor'])('%s gives no command by token', async (role) => {
  const before = await auditRows();
  const answer = await registry.restByToken(await tokenOf(role), '/v1/operators', newOperator());
  expect(answer).toMatchObject({ status: 403, body: { code: 'NOT_ALLOWED' } });
  expect(await auditRows()).toEqual(before);
});

test('over gRPC the token identifies the caller, also on an officer’s connection', async () => {
  const { registerOperator } = registryService.RegistryServiceService;
  const client = registry.as('officer');
  const token = await tokenOf('applicant');
  const call = client.call(registerOperator, registration(randomUUID()), { token });
  await expect(call).rejects.toMatchObject({ code: 'denied', reason: 'NOT_ALLOWED' });
  const officer = { token: await tokenOf('officer') };
  await client.call(registerOperator, registration(randomUUID()), officer);
  expect((await auditRows()).at(-1)).toMatchObject({ caller: expect.stringMatching(/^token:/) as string });
});

type Forgery = { claims?: JWTPayload; key?: CryptoKey };

/** An officer's token with other claims, signed by the provider's own key by default. */
async function forged({ claims = {}, key }: Forgery): Promise<string> {
  const jwk = JSON.parse(readFileSync(provider.keyFile, 'utf8')) as JWK;
  const signing = key ?? ((await importJWK(jwk, 'ES256')) as CryptoKey);
  const good = decodeJwt(await tokenOf('officer'));
  const header = { alg: 'ES256', typ: 'at+jwt', kid: jwk.kid! };
  return new SignJWT({ ...good, ...claims }).setProtectedHeader(header).sign(signing);
}

const longAgoS = Math.floor(Date.now() / 1_000) - 3_600;

test('a token signed by the provider’s key is accepted, so that each forgery differs in one point', async () => {
  expect(await registry.restByToken(await forged({}), '/v1/operators', newOperator())).toMatchObject({
    status: 201,
  });
});

test.each<[string, () => Promise<string>, string]>([
  ['has expired', () => forged({ claims: { exp: longAgoS } }), 'TOKEN_EXPIRED'],
  ['is of another issuer', () => forged({ claims: { iss: 'https://issuer.example' } }), 'TOKEN_INVALID'],
  ['is for another audience', () => forged({ claims: { aud: 'portal' } }), 'TOKEN_INVALID'],
  ['is good only later', () => forged({ claims: { nbf: longAgoS + 7_200 } }), 'TOKEN_INVALID'],
  [
    'somebody else signed',
    async () => forged({ key: (await generateKeyPair('ES256')).privateKey }),
    'TOKEN_INVALID',
  ],
  ['nobody signed', async () => unsigned(await forged({})), 'TOKEN_INVALID'],
])('a token that %s is refused, and nothing is done', async (_, make, code) => {
  const before = await auditRows();
  const answer = await registry.restByToken(await make(), '/v1/operators', newOperator());
  expect(answer).toMatchObject({ status: 401, body: { code } });
  expect(await auditRows()).toEqual(before);
});

function unsigned(token: string): string {
  const header = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
  return `${header}.${token.split('.')[1]}.`;
}

test('an ID token is not accepted by services', async () => {
  const { id, password } = accounts.find(({ roles }) => roles.includes('officer'))!;
  const { id_token: token = '' } = await signIn(provider.issuer, id, password);
  const answer = await registry.restByToken(token, '/v1/operators', newOperator());
  expect(answer).toMatchObject({ status: 401, body: { code: 'TOKEN_INVALID' } });
});

test('while the provider is unavailable certificates are accepted, and its key survives a restart', async () => {
  const token = await tokenOf('officer');
  await provider.child.stop(5_000);
  expect(await registry.rest('officer', '/v1/certificates')).toMatchObject({ status: 200 });
  const other = await startTestRegistry(inject('stack'), { issuer: provider.settings });
  try {
    expect(await other.restByToken(token, '/v1/certificates')).toMatchObject({
      status: 503,
      body: { code: 'UNAVAILABLE' },
    });
    provider.child = await provider.relaunch();
    expect(await other.restByToken(token, '/v1/certificates')).toMatchObject({ status: 200 });
  } finally {
    await other.stop();
  }
});
