import { join } from 'node:path';
import { stopAll } from '@aeo/platform/lifecycle';
import { startIdentityProvider, type IdentityProvider } from '../identity-provider/start.ts';
import { freePort } from '../local/processes/ports.ts';
import { createCertificates } from '../local/services/certificates.ts';
import { supervise, type SupervisionSettings } from '../local/services/supervision.ts';
import type { Stack } from '../local/stack-types.ts';
import { administration, partnerAdministration } from '../main-job/services/administrations.ts';
import { startHomeServices, type HomeServices } from '../main-job/services/home-services.ts';
import { restartOnChange } from './restart-on-change.ts';

type DevServices = { home: HomeServices; identityProvider: IdentityProvider };

type Running = { name: string; stop(boundMs: number): Promise<void> };

const stopBoundMs = 10_000;

/**
 * Starts the services of one administration with their identity provider, uses them, and stops them in order.
 *
 * @param service restarted on changes of its sources; the others are supervised
 */
export async function withDevServices(
  stack: Stack,
  service: string,
  supervision: SupervisionSettings,
  use: (services: DevServices) => Promise<void>,
): Promise<void> {
  const running: Running[] = [];
  try {
    const identityProvider = await startIdentityProvider(stack);
    running.push(supervise(identityProvider, supervision));
    const link = { tlsDirectory: join(stack.folders.run, 'tls/link'), partnerPort: await freePort() };
    await createCertificates(link.tlsDirectory, [administration, partnerAdministration]);
    const site = { stack, link, issuer: identityProvider.settings };
    const home = await startHomeServices(site, (process, name) =>
      running.push(
        name === service
          ? restartOnChange(process, sourcesOf(service), { log: supervision.log, shutdown: stack.shutdown })
          : supervise(process, supervision),
      ),
    );
    await use({ home, identityProvider });
  } finally {
    await stopAll(
      running.toReversed().map((each) => ({ name: each.name, stop: () => each.stop(stopBoundMs) })),
      stopBoundMs,
    );
  }
}

/** The folders of a service's code and data files, and of the packages it uses. */
function sourcesOf(service: string): string[] {
  return [`services/${service}`, 'services/platform', 'services/programmes', 'proto/src'];
}
