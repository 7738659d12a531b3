import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompactSign, exportJWK, type JWK } from 'jose';
import { afterAll, expect, test } from 'vitest';
import { fileSigner, verifyDetached } from './signatures.ts';

const folder = mkdtempSync(join(tmpdir(), 'signatures-'));
afterAll(() => rmSync(folder, { recursive: true }));
const signer = fileSigner(join(folder, 'key.pem'));
const text = '{"sequence":1}';

/** A detached JWS with any header, and the tail given. */
const detached = (head: object, tail: string) =>
  `${Buffer.from(JSON.stringify(head)).toString('base64url')}..${tail}`;

test('a signature holds for exactly its text', async () => {
  const signature = await signer.sign(text);
  expect(await verifyDetached(text, signature, await signer.keys())).toBe(true);
  expect(await verifyDetached(`${text} `, signature, await signer.keys())).toBe(false);
});

test('a missing signature is refused, whatever its header says', async () => {
  const keys = await signer.keys();
  const kid = keys.keys[0]?.kid;
  for (const alg of ['none', 'None', 'NONE', ''])
    expect(await verifyDetached(text, detached({ alg, kid }, ''), keys)).toBe(false);
});

test('another algorithm is refused, though the key set has a key for it', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const secret = Buffer.alloc(32, 1);
  const mixed: JWK[] = [
    ...(await signer.keys()).keys,
    { ...(await exportJWK(publicKey)), alg: 'ES256', kid: 'curve' },
    { kty: 'oct', k: secret.toString('base64url'), alg: 'HS256', kid: 'shared' },
  ];
  const forged: [string, string, Parameters<CompactSign['sign']>[0]][] = [
    ['ES256', 'curve', privateKey],
    ['HS256', 'shared', secret],
  ];
  for (const [alg, kid, key] of forged) {
    const jws = await new CompactSign(Buffer.from(text)).setProtectedHeader({ alg, kid }).sign(key);
    const [head, , tail] = jws.split('.');
    expect(await verifyDetached(text, `${head}..${tail}`, { keys: mixed })).toBe(false);
  }
});
