import { AppError } from '@aeo/platform/errors';
import type { TlsFiles } from '@aeo/platform/grpc';
import { mutualTlsRequest } from '@aeo/platform/http';
import { z } from 'zod';
import type { Arrangement } from '../domain/arrangement/arrangement.ts';
import type { Partner } from '../ports.ts';

const instant = z.iso.datetime();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const header = z.strictObject({
  issuer: z.string().regex(/^[a-z0-9-]{1,100}$/),
  arrangement: z.string().regex(/^[a-z0-9-]{1,100}$/),
  sequence: z.int().min(0),
  previousHash: z.union([z.literal(''), sha256]),
  count: z.int().min(0).max(1_000_000),
  digest: sha256,
  issuedAt: instant,
  validUntil: instant,
});
const signedHeader = z.object({ header, signature: z.string().regex(/^[A-Za-z0-9_.-]{1,2000}$/) });
/** Rows are read one by one once the list is known to be the partner's: an unusable one must not hide the others. */
const fetchedList = signedHeader.extend({ rows: z.array(z.unknown()).max(1_000_000) });
const key = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  kid: z.string().regex(/^[A-Za-z0-9_-]{1,100}$/),
});
/** Only keys that can verify a list, and of those only what is public. */
const keySet = z.object({
  keys: z
    .array(z.unknown())
    .max(20)
    .transform((keys) => keys.flatMap((each) => key.safeParse(each).data ?? []))
    .refine((keys) => keys.length > 0),
});

const limits = { timeoutMs: 20_000, bytesMax: 256 * 1024 * 1024 };

/**
 * The partner's lists over mTLS HTTPS: the server must show the certificate of the arrangement's partner. Everything
 * received is validated.
 */
export function httpsPartner(url: string, { id, partner }: Arrangement, tls: TlsFiles): Partner {
  const base = `${url}/mra/v1/arrangements/${id}`;
  const options = { tls, ...limits, peer: partner.administration };
  const get = async <T>(address: string, schema: z.ZodType<T>): Promise<T> => {
    const { status, body } = await mutualTlsRequest(address, options);
    if (status === 403) throw new AppError('denied', 'PEER_NOT_REGISTERED', 'the partner does not know us');
    if (status !== 200) throw new AppError('unavailable', 'UNAVAILABLE', `the partner answered ${status}`);
    const parsed = schema.safeParse(parseJson(body));
    if (parsed.success) return parsed.data;
    const fields = parsed.error.issues
      .slice(0, 20)
      .map(({ path }) => ({ path: path.join('.'), code: 'FIELD_FORMAT' }));
    throw new AppError('invalid', 'FIELD_FORMAT', 'the answer of the partner is not valid', { fields });
  };
  return {
    keys: async () => await get(`${url}/.well-known/jwks.json`, keySet),
    headers: async (before) => {
      const query = before === undefined ? '' : `?cursor=${before}`;
      return (await get(`${base}/lists${query}`, z.object({ items: z.array(signedHeader).max(200) }))).items;
    },
    list: (sequence) => get(`${base}/lists/${sequence}`, fetchedList),
    acknowledge: async (sequence, outcome) => {
      await mutualTlsRequest(`${base}/acknowledgements`, { ...options, json: { sequence, outcome } });
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
