import { platformSettings, readConfig } from '@aeo/platform/config';
import type { z } from 'zod';

export type Config = z.infer<typeof platformSettings>;

/** @throws Error naming every setting that is missing or wrong */
export function loadConfig(env = process.env): Readonly<Config> {
  return readConfig(platformSettings, env);
}
