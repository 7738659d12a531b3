import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { roles, type Principal, type Role } from './principal.ts';

/**
 * Reads a token.
 *
 * @throws AppError `denied` TOKEN_INVALID or TOKEN_EXPIRED, `unavailable` where the issuer's keys cannot be read
 */
export type VerifyToken = (token: string) => Promise<Principal>;

export type TokenSettings = {
  /** As in the token and in the issuer's discovery document: https, or http on this machine. */
  issuer: string;
  /** Whom a token must be meant for. */
  audience: string;
};

/** Asymmetric ones alone (RFC 8725, 3.1): a token signed with a shared secret, or unsigned, is refused. */
const algorithms = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA', 'Ed25519'];
const clockToleranceS = 5;
const fetchTimeoutMs = 2_000;
const keysKeptMs = 600_000;
/** The issuer is asked again for unknown keys no more often than this. */
const cooldownMs = 10_000;
const operatorIdsMax = 1_000;
const agenciesMax = 100;

const claims = z.object({
  sub: z.string().regex(/^[\x21-\x7e]{1,255}$/),
  roles: z.array(z.string()).default([]),
  operator_ids: z.array(z.string().min(1).max(64)).max(operatorIdsMax).default([]),
  agencies: z.array(z.string().min(1).max(64)).max(agenciesMax).default([]),
});

/** Verifies tokens (RFC 9068, OpenID Connect Core 1.0) under the keys that the issuer publishes. */
export function tokenVerifier({ issuer, audience }: TokenSettings): VerifyToken {
  const keys = keysOf(issuer);
  const rules = { issuer, audience, algorithms, clockTolerance: clockToleranceS, requiredClaims: ['exp'] };
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keys, rules);
      return principalOf(payload);
    } catch (error) {
      throw tokenError(error);
    }
  };
}

function principalOf(payload: JWTPayload): Principal {
  const { sub, roles: named, operator_ids: operatorIds, agencies } = claims.parse(payload);
  // The issuer may serve other systems too: an unknown role gives no right here.
  const held = roles.filter((role: Role) => named.includes(role));
  return { kind: 'token', subject: sub, roles: held, operatorIds, agencies };
}

function tokenError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof errors.JWTExpired)
    return new AppError('denied', 'TOKEN_EXPIRED', 'the token has expired', { cause: error });
  return new AppError('denied', 'TOKEN_INVALID', 'the token cannot be accepted', { cause: error });
}

/** The issuer's keys, found through its discovery document at the first token, kept for ten minutes. */
function keysOf(issuer: string): JWTVerifyGetKey {
  let found: Promise<JWTVerifyGetKey> | undefined;
  return async (header, token) => {
    try {
      const looking = (found ??= discover(issuer));
      const keys = await looking.catch((error: unknown) => {
        // What failed is tried again with the next token.
        found = undefined;
        throw error;
      });
      return await keys(header, token);
    } catch (error) {
      throw isTokenError(error) ? error : unreachable(error);
    }
  };
}

/** Whether the token names a key or an algorithm that the issuer does not have; all else is the issuer's trouble. */
function isTokenError(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}

const discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });

/** OpenID Connect Discovery 1.0, 4.3: a document of another issuer is not believed. */
async function discover(issuer: string): Promise<JWTVerifyGetKey> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(fetchTimeoutMs) });
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
  const document = discovery.parse(await answer.json());
  if (document.issuer !== issuer) throw new Error(`${url} is of another issuer, ${document.issuer}`);
  const keysAddress = new URL(document.jwks_uri);
  if (!isTrustworthyAddress(keysAddress)) throw new Error(`${url} names keys at an address without TLS`);
  const settings = { timeoutDuration: fetchTimeoutMs, cacheMaxAge: keysKeptMs, cooldownDuration: cooldownMs };
  return createRemoteJWKSet(keysAddress, settings);
}

/** Over the network, TLS proves whose keys these are; on this machine no proof is needed. */
export function isTrustworthyAddress({ protocol, hostname }: URL): boolean {
  const ownMachine = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return protocol === 'https:' || (protocol === 'http:' && ownMachine);
}

function unreachable(cause: unknown): AppError {
  return new AppError('unavailable', 'UNAVAILABLE', 'tokens cannot be verified at the moment', { cause });
}
