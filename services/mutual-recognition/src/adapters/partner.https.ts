import { AppError } from '@aeo/platform/errors';
import type { TlsFiles } from '@aeo/platform/grpc';
import { mutualTlsRequest } from '@aeo/platform/http';
import { z } from 'zod';
import type { Partner } from '../ports.ts';

const instant = z.iso.datetime();
const header = z.strictObject({
  issuer: z.string().max(100),
  arrangement: z.string().max(100),
  sequence: z.int().min(0),
  previousHash: z.string().max(100),
  count: z.int().min(0).max(1_000_000),
  digest: z.string().max(100),
  issuedAt: instant,
  validUntil: instant,
});
const signedHeader = z.object({ header, signature: z.string().max(2_000) });
const row = z.strictObject({
  operatorId: z.string().max(80),
  identifiers: z
    .array(
      z.strictObject({ scheme: z.string().max(40), country: z.string().max(2), value: z.string().max(35) }),
    )
    .max(50),
  tier: z.string().max(60),
  component: z.string().max(60),
  status: z.enum(['active', 'suspended', 'revoked', 'expired']),
  validFrom: instant.nullable(),
  validUntil: instant.nullable(),
  decidedAt: instant.nullable(),
  effectiveFrom: instant.nullable(),
});
const signedList = signedHeader.extend({ rows: z.array(row) });
const keySet = z.object({
  keys: z
    .array(z.looseObject({ kty: z.string() }))
    .min(1)
    .max(20),
});

const limits = { timeoutMs: 20_000, bytesMax: 256 * 1024 * 1024 };

/** The partner's lists over HTTPS, both ends with certificates. Everything is checked for its form on arrival. */
export function httpsPartner(url: string, arrangementId: string, tls: TlsFiles): Partner {
  const base = `${url}/mra/v1/arrangements/${arrangementId}`;
  const get = async <T>(address: string, schema: z.ZodType<T>): Promise<T> => {
    const { status, body } = await mutualTlsRequest(address, { tls, ...limits });
    if (status === 403) throw new AppError('denied', 'PEER_NOT_REGISTERED', 'the partner does not know us');
    if (status !== 200) throw new AppError('unavailable', 'UNAVAILABLE', `the partner answered ${status}`);
    const parsed = schema.safeParse(parseJson(body));
    if (parsed.success) return parsed.data;
    const fields = parsed.error.issues
      .slice(0, 20)
      .map(({ path }) => ({ path: path.join('.'), code: 'FIELD_FORMAT' }));
    throw new AppError('invalid', 'FIELD_FORMAT', 'the partner sent what is not a list', { fields });
  };
  return {
    keys: async () => await get(`${url}/.well-known/jwks.json`, keySet),
    headers: async (before) => {
      const query = before === undefined ? '' : `?cursor=${before}`;
      return (await get(`${base}/lists${query}`, z.object({ items: z.array(signedHeader).max(200) }))).items;
    },
    list: (sequence) => get(`${base}/lists/${sequence}`, signedList),
    acknowledge: async (sequence, outcome) => {
      await mutualTlsRequest(`${base}/acknowledgements`, { tls, ...limits, json: { sequence, outcome } });
    },
  };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new AppError('invalid', 'BODY_MALFORMED', 'the partner sent no JSON');
  }
}
