import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose';

export type TokenOptions = {
  issuer?: string;
  audience?: string;
  /** Seconds since 1970; a token without an end is asked for with `null`. */
  expiresAt?: number | null;
  notBefore?: number;
  /** Signs instead of the issuer's own key. */
  key?: CryptoKey | Uint8Array;
  algorithm?: string;
  keyId?: string;
};

/** An issuer of tokens of a test's own, on this machine. */
export type TestIssuer = {
  issuer: string;
  audience: string;
  /** The public key of the first signing key, as PEM. */
  publicKey: string;
  token(claims: JWTPayload, options?: TokenOptions): Promise<string>;
  /** How often the discovery document and the keys were fetched. */
  fetched: { discovery: number; keys: number };
  /** What the discovery document says instead of the truth. */
  discovery: Record<string, unknown>;
  stop(): Promise<void>;
};

export const nowS = () => Math.floor(Date.now() / 1_000);

export async function startTestIssuer(port = 0, algorithm = 'ES256'): Promise<TestIssuer> {
  const fetched = { discovery: 0, keys: 0 };
  const discovery: Record<string, unknown> = {};
  const signing = await newKey(algorithm);
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    if (request.url === '/keys') {
      fetched.keys += 1;
      response.end(JSON.stringify({ keys: [signing.published] }));
      return;
    }
    fetched.discovery += 1;
    response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/keys`, ...discovery }));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const audience = 'the-administration';
  return {
    issuer,
    audience,
    fetched,
    discovery,
    publicKey: await exportSPKI(signing.publicKey),
    token: async (claims, options = {}) => {
      const { expiresAt = nowS() + 60 } = options;
      const token = new SignJWT(claims)
        .setProtectedHeader({ alg: options.algorithm ?? algorithm, kid: options.keyId ?? signing.keyId })
        .setIssuedAt()
        .setIssuer(options.issuer ?? issuer)
        .setAudience(options.audience ?? audience);
      if (expiresAt !== null) token.setExpirationTime(expiresAt);
      if (options.notBefore !== undefined) token.setNotBefore(options.notBefore);
      return token.sign(options.key ?? signing.key);
    },
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function newKey(algorithm: string) {
  const keyId = '1';
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  const published = { ...(await exportJWK(publicKey)), kid: keyId, alg: algorithm, use: 'sig' };
  return { keyId, key: privateKey, publicKey, published };
}
