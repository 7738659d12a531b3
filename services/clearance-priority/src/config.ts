import { countryPattern } from '@aeo/platform/field-formats';
import { platformSettings, readConfig } from '@aeo/platform/config';
import { z } from 'zod';

const settings = platformSettings.extend({
  /** Where risk-scoring answers, host:port. */
  RISK_ADDRESS: z.string().regex(/^[^:]+:\d+$/),
  /** Identifiers of this country (ISO 3166-1 alpha-2) are domestic. */
  COUNTRY: z.string().regex(countryPattern),
  /** The master key of random draws: at least 32 bytes, base64. */
  DRAW_MASTER_KEY: z.string().transform((text, context) => {
    const key = Buffer.from(text, 'base64');
    if (key.length < 32) context.addIssue({ code: 'custom', message: 'at least 32 bytes in base64' });
    return key;
  }),
  /** Millionths of all goods that are drawn at random, of every class of trader; never none. */
  FLOOR_PPM: z.coerce.number().int().min(1).max(1_000_000).default(10_000),
  /** A status older than this by the database clock gives no benefit. */
  STATUS_AGE_MAX_MS: z.coerce.number().int().min(100).max(60_000).default(2_000),
  /** How long a decision waits for its score. */
  SCORE_TIMEOUT_MS: z.coerce.number().int().min(1).max(10_000).default(25),
  /** A cache for retries. Absent, or away: they cost a look at the database. */
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  /** Where declarations are kept that were decided while the database was away. */
  SPOOL_DIR: z.string().min(1),
  /** Where this node keeps snapshots of its status view. Absent: each start reads the topics whole. */
  SNAPSHOT_DIR: z.string().min(1).optional(),
  /** How often a snapshot is written, besides at the end. */
  SNAPSHOT_EVERY_MS: z.coerce.number().int().min(100).max(86_400_000).default(60_000),
  /** The file with the key under which records are sealed (Ed25519, PKCS 8, PEM); made at the first start. */
  PROOF_KEY_FILE: z.string().min(1),
});

export type Config = z.infer<typeof settings>;

/** @throws Error naming every setting that is missing or wrong */
export function loadConfig(env = process.env): Readonly<Config> {
  return readConfig(settings, env);
}
