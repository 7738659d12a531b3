import { platformSettings, readConfig } from '@aeo/platform/config';
import { z } from 'zod';

const settings = platformSettings.extend({
  /** The rule file to serve, by its id; without it, the only one there is. */
  RULE_SET: z
    .string()
    .regex(/^[a-z0-9-]{1,60}$/)
    .optional(),
  /** How often thresholds are computed from the scores recorded since. */
  THRESHOLDS_EVERY_MS: z.coerce.number().int().min(50).max(86_400_000).default(60_000),
});

export type Config = z.infer<typeof settings>;

/** @throws Error naming every setting that is missing or wrong */
export function loadConfig(env = process.env): Readonly<Config> {
  return readConfig(settings, env);
}
