import { join } from 'node:path';
import { stopAll } from '@aeo/platform/lifecycle';
import { createCertificates } from '../../local/services/certificates.ts';
import { startIdentityProvider, type IdentityProvider } from '../../identity-provider/start.ts';
import { freePort } from '../../local/processes/ports.ts';
import type { Stack } from '../../local/stack-types.ts';
import { supervise, type Supervised, type SupervisionSettings } from '../../local/services/supervision.ts';
import { administration, partnerAdministration } from './administrations.ts';
import { startHomeServices, type HomeServices } from './home-services.ts';
import { startPartnerServices, type PartnerServices } from './partner-services.ts';

export type RunServices = {
  home: HomeServices;
  partner: PartnerServices;
  /** Issues the tokens that our services take. */
  identityProvider: IdentityProvider;
  logDirectory: string;
  linkTlsDirectory: string;
  /** Every process: ours in the order of their start, and the partner's. */
  supervised: readonly Supervised[];
  stop: () => Promise<void>;
};

/** For all of them together; a process that needs longer is killed with the stack. */
const stopBoundMs = 10_000;

/** Starts both administrations, ours with a process for each service; all or none. */
export async function startRunServices(stack: Stack, supervision: SupervisionSettings): Promise<RunServices> {
  const supervised: Supervised[] = [];
  const identityProvider = await startIdentityProvider(stack);
  const issuing = supervise(identityProvider, supervision);
  // Callers are stopped before the services that they call, so that their last requests are answered.
  const stop = async () => {
    await stopAll(
      [issuing, ...supervised]
        .toReversed()
        .map((each) => ({ name: each.name, stop: () => each.stop(stopBoundMs) })),
      stopBoundMs,
    );
  };
  const link = { tlsDirectory: join(stack.folders.run, 'tls/link'), partnerPort: await freePort() };
  try {
    await createCertificates(link.tlsDirectory, [administration, partnerAdministration]);
    const starting = startPartnerServices(stack, link, supervision).then((partner) => {
      supervised.push(partner.supervised);
      return partner;
    });
    const both = await Promise.allSettled([
      startHomeServices({ stack, link, issuer: identityProvider.settings }, (one) =>
        supervised.push(supervise(one, supervision)),
      ),
      starting,
    ]);
    const [home, partner] = both;
    if (home.status === 'rejected') throw home.reason;
    if (partner.status === 'rejected') throw partner.reason;
    const folders = { logDirectory: stack.folders.logs, linkTlsDirectory: link.tlsDirectory };
    return { home: home.value, partner: partner.value, identityProvider, ...folders, supervised, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
