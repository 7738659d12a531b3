import { createPublicKey } from 'node:crypto';
import { fileSigningKey } from '@aeo/platform/signing-key';
import { calculateJwkThumbprint, CompactSign, compactVerify, createLocalJWKSet, exportJWK } from 'jose';
import type { Signer, VerifySignature } from '../ports.ts';

const algorithm = 'EdDSA';

/**
 * Signs with the Ed25519 key of a file, which is created where there is none. A signature is a detached JWS (RFC 7515,
 * appendix F): the compact form with its middle part left out.
 */
export function fileSigner(path: string): Signer {
  const key = fileSigningKey(path);
  const publicJwk = async () => {
    const jwk = await exportJWK(createPublicKey(key));
    return { ...jwk, alg: algorithm, use: 'sig', kid: await calculateJwkThumbprint(jwk) };
  };
  return {
    sign: async (text) => {
      const { kid } = await publicJwk();
      const jws = await new CompactSign(Buffer.from(text))
        .setProtectedHeader({ alg: algorithm, kid })
        .sign(key);
      const [head, , signature] = jws.split('.');
      return `${head}..${signature}`;
    },
    keys: async () => ({ keys: [await publicJwk()] }),
  };
}

export const verifyDetached: VerifySignature = async (text, signature, keys) => {
  const [head, middle, tail] = signature.split('.');
  if (middle !== '' || head === undefined || tail === undefined) return false;
  const jws = `${head}.${Buffer.from(text).toString('base64url')}.${tail}`;
  try {
    await compactVerify(jws, createLocalJWKSet(keys), { algorithms: [algorithm] });
    return true;
  } catch {
    return false;
  }
};
