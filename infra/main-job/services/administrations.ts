import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stack } from '../../local/stack-types.ts';
import { demonstration } from '../demonstration.ts';

export const administration = 'home';
export const partnerAdministration = 'partner';

export const serviceNames = ['risk-scoring', 'aeo-registry', 'mutual-recognition', 'clearance-priority'];

/** The connection of the two exchanges: their certificates for each other, and the partner's port. */
export type ExchangeLink = { tlsDirectory: string; partnerPort: number };

/** Settings of mutual-recognition on either side of the link. */
export function exchangeSettings(
  { folders }: Stack,
  administration: string,
  link: ExchangeLink,
): Record<string, string> {
  return {
    ARRANGEMENT: demonstration.arrangement,
    EXCHANGE_TLS_DIR: link.tlsDirectory,
    SIGNING_KEY_FILE: join(folders.data, `${administration}-signing.pem`),
  };
}

// On a machine that runs brokers, services and clients on the same two cores, 25 ms would measure the machine.
export const scoreTimeoutMs = 250;

/** Settings of clearance-priority in an administration of this country. */
export function clearanceSettings(
  stack: Stack,
  owner: string,
  country: string,
  riskAddress: string,
): Record<string, string> {
  return {
    RISK_ADDRESS: riskAddress,
    REDIS_URL: stack.redisUrl,
    COUNTRY: country,
    DRAW_MASTER_KEY: masterKey(stack, owner),
    SCORE_TIMEOUT_MS: String(scoreTimeoutMs),
    SPOOL_DIR: join(stack.folders.data, `${owner}-spool`),
    SNAPSHOT_DIR: join(stack.folders.data, `${owner}-snapshots`),
  };
}

/** The key of the draws is kept with the data: a run that is continued must have the same draws. */
function masterKey({ folders }: Stack, owner: string): string {
  const file = join(folders.data, `${owner}-draw-master.key`);
  mkdirSync(folders.data, { recursive: true });
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString('base64'), { mode: 0o600 });
  return readFileSync(file, 'utf8');
}
