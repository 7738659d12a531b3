import { z } from 'zod';
import { AppError } from './errors.ts';
import { isTrustworthyAddress } from './identity/token.ts';

/** The settings every service has, by the name of their environment variable. */
export const platformSettings = z.object({
  ADMINISTRATION: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  KAFKA_BROKERS: z
    .string()
    .min(1)
    .transform((list) => list.split(',').map((broker) => broker.trim())),
  /** Copies of each topic that is created; absent: three, or as many as there are brokers. */
  TOPIC_REPLICATION: z.coerce.number().int().min(1).max(9).optional(),
  /** The address on which gRPC and HTTPS listen: absent: this machine alone. */
  LISTEN_HOST: z.ipv4().optional(),
  GRPC_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  HTTP_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  TLS_DIR: z.string().min(1),
  /** Who issues tokens to people and systems. Absent: callers are known by certificates alone. */
  OIDC_ISSUER: z
    .url({ abort: true })
    .refine((text) => isTrustworthyAddress(new URL(text)), 'https, or http on this machine')
    .optional(),
  /** Whom tokens must be meant for; needed with OIDC_ISSUER. */
  OIDC_AUDIENCE: z.string().min(1).optional(),
});

/**
 * Reads settings once, at start.
 *
 * @throws AppError `invalid` naming every variable that is missing or wrong, and why
 */
export function readConfig<T>(schema: z.ZodType<T>, env: NodeJS.ProcessEnv): Readonly<T> {
  const result = schema.safeParse(env);
  if (result.success) return Object.freeze(result.data);
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new AppError('invalid', 'SETTINGS', `Settings cannot be used:\n  ${problems.join('\n  ')}`);
}
