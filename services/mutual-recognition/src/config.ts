import { platformSettings, readConfig } from '@aeo/platform/config';
import { z } from 'zod';

const settings = platformSettings.extend({
  /** The arrangement file to serve, by its id. */
  ARRANGEMENT: z.string().regex(/^[a-z0-9-]{1,60}$/),
  /** Certificates of the link between administrations: ca.pem and `<administration>.pem`, `.key.pem`. */
  EXCHANGE_TLS_DIR: z.string().min(1),
  /** The partner's address, https://host:port. Absent: nothing can be pulled. */
  PARTNER_URL: z.url({ protocol: /^https$/ }).optional(),
  /** The file with our signing key (PKCS 8, PEM); created at the first start. */
  SIGNING_KEY_FILE: z.string().min(1),
  /** The file with the key under which records are sealed (Ed25519, PKCS 8, PEM); created at the first start. */
  PROOF_KEY_FILE: z.string().min(1),
});

export type Config = z.infer<typeof settings>;

/** @throws Error naming every setting that is missing or wrong */
export function loadConfig(env = process.env): Readonly<Config> {
  return readConfig(settings, env);
}
