import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { choosePort, withPorts } from '../local/processes/ports.ts';
import { listening, startReady } from '../local/processes/readiness.ts';
import type { Restartable } from '../local/services/service-process.ts';
import type { Stack } from '../local/stack-types.ts';
import { audience } from './provider.ts';

export type IdentityProvider = Restartable & {
  issuer: string;
  /** The settings with which services accept its tokens. */
  settings: { OIDC_ISSUER: string; OIDC_AUDIENCE: string };
  /** The private key of its tokens. */
  keyFile: string;
};

const startBoundMs = 120_000;

/** Starts the identity provider as a process of its own and waits until it answers. */
export function startIdentityProvider(stack: Pick<Stack, 'folders' | 'shutdown'>): Promise<IdentityProvider> {
  return withPorts(async () => startOn(await choosePort('IDENTITY_PROVIDER_PORT'), stack));
}

async function startOn(
  port: number,
  { folders, shutdown }: Pick<Stack, 'folders' | 'shutdown'>,
): Promise<IdentityProvider> {
  const keyFile = join(folders.data, 'identity-provider.jwk');
  const script = fileURLToPath(new URL('main.ts', import.meta.url));
  const relaunch = () =>
    startReady(
      {
        name: 'identity-provider',
        command: process.execPath,
        args: [script, String(port), keyFile],
        logFile: join(folders.logs, 'identity-provider.log'),
        pidFolder: folders.run,
      },
      listening(port),
      { boundMs: startBoundMs, shutdown },
    );
  const issuer = `http://127.0.0.1:${port}`;
  const settings = { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience };
  return { issuer, settings, keyFile, child: await relaunch(), relaunch };
}
