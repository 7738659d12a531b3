import { platformSettings, readConfig } from '@aeo/platform/config';
import { z } from 'zod';

const settings = platformSettings.extend({
  /** The file with the key under which records are sealed (Ed25519, PKCS 8, PEM); made at the first start. */
  PROOF_KEY_FILE: z.string().min(1),
});

export type Config = z.infer<typeof settings>;

/** @throws Error naming every setting that is missing or wrong */
export function loadConfig(env = process.env): Readonly<Config> {
  return readConfig(settings, env);
}
