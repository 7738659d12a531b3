import { join } from 'node:path';
import { stopAll } from '@aeo/platform/lifecycle';
import { createCertificates } from '../../local/services/certificates.ts';
import type { ServiceAddresses } from '../../local/endpoints.ts';
import { startIdentityProvider, type IdentityProvider } from '../../identity-provider/start.ts';
import { freePort } from '../../local/processes/ports.ts';
import type { ServiceProcess } from '../../local/services/service-process.ts';
import type { Stack } from '../../local/stack-types.ts';
import { supervise, type Supervised, type SupervisionSettings } from '../../local/services/supervision.ts';
import { administration, partnerAdministration } from './administrations.ts';
import { startHomeServices, type HomeAccess, type HomeServices } from './home-services.ts';
import { startPartnerServices, type PartnerAccess, type PartnerServices } from './partner-services.ts';

/** What the main job talks to, wherever it runs; without a partner no lists cross over. */
export type JobServices = {
  home: HomeAccess;
  partner: PartnerAccess | undefined;
  /** Where the services and what they stand on log; absent where that is elsewhere. */
  logDirectory?: string;
  /** Certificates of the administrations towards each other; absent where none of them is ours to use. */
  linkTlsDirectory?: string;
  /** The processes of the services, where the run may end them. */
  supervised?: readonly Supervised[];
};

export type RunServices = {
  home: HomeServices;
  partner: PartnerServices;
  /** Issues the tokens that our services take. */
  identityProvider: IdentityProvider;
  logDirectory: string;
  linkTlsDirectory: string;
  /** Every process, ours in the order in which they came up and the partner's. */
  supervised: readonly Supervised[];
  stop: () => Promise<void>;
};

/** For all of them together; whoever needs longer is killed with the stack. */
const stopBoundMs = 10_000;

/** Starts both administrations, ours with a process for each service; all or none. */
export async function startRunServices(stack: Stack, supervision: SupervisionSettings): Promise<RunServices> {
  const supervised: Supervised[] = [];
  const identityProvider = await startIdentityProvider(stack);
  const issuing = supervise(identityProvider, supervision);
  // What a client asked last is answered before the services it leans on are stopped.
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
      startHomeServices({ stack, link, supervision, issuer: identityProvider.settings }, (one) =>
        supervised.push(one),
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

/** Where each service answers, for a reader of the file of addresses. */
export function addressesOf({ home, partner }: RunServices): ServiceAddresses {
  const both = ({ address, httpAddress }: ServiceProcess) => ({
    grpc: address,
    rest: `https://${httpAddress}`,
  });
  return {
    [administration]: {
      'risk-scoring': both(home.risk),
      'aeo-registry': both(home.registry),
      'mutual-recognition': both(home.exchange),
      'clearance-priority': both(home.clearance),
    },
    [partnerAdministration]: {
      'aeo-registry': { grpc: partner.registry.address },
      'mutual-recognition': { grpc: partner.exchange.address },
    },
  };
}
