import { generateKeyPair } from 'jose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  nowS,
  startTestIssuer,
  type TestIssuer,
  type TokenOptions,
} from '../../../../tests/setup/http/token-issuer.ts';
import { isTrustworthyAddress, tokenVerifier, type VerifyToken } from './token.ts';

let issuer: TestIssuer;
let verify: VerifyToken;
beforeEach(async () => {
  issuer = await startTestIssuer();
  verify = tokenVerifier(issuer);
});
afterEach(() => issuer.stop());

const claims = {
  sub: 'person-1',
  roles: ['adviser', 'officer'],
  operator_ids: ['op-1', 'op-2'],
  agencies: ['health'],
};
const invalid = { code: 'denied', reason: 'TOKEN_INVALID' };

test('a valid token names its subject, roles, operators and agencies', async () => {
  expect(await verify(await issuer.token(claims))).toEqual({
    kind: 'token',
    subject: 'person-1',
    roles: ['adviser', 'officer'],
    operatorIds: ['op-1', 'op-2'],
    agencies: ['health'],
  });
});

test('roles of other systems give no right, and a token may have no role', async () => {
  const other = await verify(await issuer.token({ sub: 'a', roles: ['admin', 'auditor'] }));
  expect(other).toMatchObject({ roles: ['auditor'], operatorIds: [], agencies: [] });
  expect(await verify(await issuer.token({ sub: 'a' }))).toMatchObject({ roles: [], operatorIds: [] });
});

test('a token is refused as expired, after a few seconds allowed for clocks that differ', async () => {
  const expired = await issuer.token(claims, { expiresAt: nowS() - 60 });
  await expect(verify(expired)).rejects.toMatchObject({ code: 'denied', reason: 'TOKEN_EXPIRED' });
  const justNow = await issuer.token(claims, { expiresAt: nowS() - 1 });
  expect(await verify(justNow)).toMatchObject({ subject: 'person-1' });
});

test.each<[string, TokenOptions]>([
  ['of another issuer', { issuer: 'https://issuer.example' }],
  ['for another audience', { audience: 'somebody-else' }],
  ['not good yet', { notBefore: nowS() + 3_600 }],
  ['without an end', { expiresAt: null }],
  ['under a key nobody published', { keyId: 'unknown' }],
])('a token %s is refused', async (_, options) => {
  await expect(verify(await issuer.token(claims, options))).rejects.toMatchObject(invalid);
});

test('a token signed by another key under the name of ours is refused', async () => {
  const { privateKey } = await generateKeyPair('ES256');
  await expect(verify(await issuer.token(claims, { key: privateKey }))).rejects.toMatchObject(invalid);
});

test('a token that was changed after it was signed is refused', async () => {
  const [header = '', payload = '', signature = ''] = (await issuer.token(claims)).split('.');
  const read = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
  const changed = Buffer.from(JSON.stringify({ ...read, sub: 'person-2' })).toString('base64url');
  await expect(verify([header, changed, signature].join('.'))).rejects.toMatchObject(invalid);
});

test('a token without a signature is refused, whatever its algorithm is called', async () => {
  const [, payload = ''] = (await issuer.token(claims)).split('.');
  for (const alg of ['none', 'None', 'ES256']) {
    const header = Buffer.from(JSON.stringify({ alg, kid: '1' })).toString('base64url');
    await expect(verify(`${header}.${payload}.`)).rejects.toMatchObject(invalid);
  }
});

test('a token signed with a secret is refused, also where the secret is our public key', async () => {
  for (const secret of ['x'.repeat(64), issuer.publicKey]) {
    const key = new TextEncoder().encode(secret);
    const token = await issuer.token(claims, { key, algorithm: 'HS256' });
    await expect(verify(token)).rejects.toMatchObject(invalid);
  }
});

test('an algorithm that is not on the list is refused, though the issuer publishes the key', async () => {
  const other = await startTestIssuer(0, 'ES512');
  try {
    await expect(tokenVerifier(other)(await other.token(claims))).rejects.toMatchObject(invalid);
  } finally {
    await other.stop();
  }
});

test.each([
  { sub: 'a', roles: 'officer' },
  { sub: 'a', operator_ids: [7] },
  { sub: 'a', agencies: 'health' },
  { sub: '' },
  { sub: 'two\nlines' },
  { roles: ['officer'] },
])('claims of another form are refused: %j', async (odd) => {
  await expect(verify(await issuer.token(odd as never))).rejects.toMatchObject(invalid);
});

test.each(['', 'a', 'a.b.c', '{}'])('%j is no token', async (text) => {
  await expect(verify(text)).rejects.toMatchObject(invalid);
});

test('keys are fetched once for many tokens', async () => {
  for (let n = 0; n < 5; n += 1) await verify(await issuer.token(claims));
  expect(issuer.fetched).toEqual({ discovery: 1, keys: 1 });
});

test('tokens are refused while the issuer is unavailable, and accepted when it answers again', async () => {
  const port = Number(new URL(issuer.issuer).port);
  const token = await issuer.token(claims);
  await issuer.stop();
  await expect(verify(token)).rejects.toMatchObject({ code: 'unavailable', reason: 'UNAVAILABLE' });
  issuer = await startTestIssuer(port);
  expect(await verify(await issuer.token(claims))).toMatchObject({ subject: 'person-1' });
});

test('a discovery document of another issuer, or with keys at an address without TLS, is refused', async () => {
  const token = await issuer.token(claims);
  Object.assign(issuer.discovery, { issuer: 'https://issuer.example' });
  await expect(verify(token)).rejects.toMatchObject({ code: 'unavailable' });
  // An address that leads to the same keys, but is not known to be this machine's.
  const elsewhere = issuer.issuer.replace('127.0.0.1', '0.0.0.0');
  Object.assign(issuer.discovery, { issuer: issuer.issuer, jwks_uri: `${elsewhere}/keys` });
  await expect(verify(token)).rejects.toMatchObject({ code: 'unavailable' });
  expect(issuer.fetched).toEqual({ discovery: 2, keys: 0 });
});

test.each([
  ['https://issuer.example', true],
  ['http://127.0.0.1:8080', true],
  ['http://localhost', true],
  ['http://issuer.example', false],
  ['http://localhost.issuer.example', false],
  ['ftp://127.0.0.1', false],
])('%s is a trustworthy address: %s', (address, expected) => {
  expect(isTrustworthyAddress(new URL(address))).toBe(expected);
});
