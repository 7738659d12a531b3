import { join } from 'node:path';
import { createCertificates } from '../../local/services/certificates.ts';
import { startServicesInOneProcess, type ServiceAccess } from '../../local/services/service-process.ts';
import type { Stack } from '../../local/stack-types.ts';
import { supervise, type Supervised, type SupervisionSettings } from '../../local/services/supervision.ts';
import {
  clearanceSettings,
  exchangeSettings,
  partnerAdministration,
  serviceNames,
  type ExchangeLink,
} from './administrations.ts';
import { demonstration } from '../demonstration.ts';

/** How another administration is reached, wherever it runs. */
export type PartnerAccess = {
  registry: { address: string };
  exchange: { address: string };
  tlsDirectory: string;
  /** Its databases and sealing keys, where an auditor may read them. */
  recorded?: Record<
    'registry' | 'exchange' | 'clearance',
    Pick<ServiceAccess, 'databaseUrl' | 'proofKeyFile'>
  >;
};

export type PartnerServices = PartnerAccess & { supervised: Supervised };

/** Starts the partner's administration: the same services, all in one process, with data and keys of its own. */
export async function startPartnerServices(
  stack: Stack,
  link: ExchangeLink,
  supervision: SupervisionSettings,
): Promise<PartnerServices> {
  const administration = partnerAdministration;
  const tlsDirectory = join(stack.folders.run, 'tls', administration);
  await createCertificates(tlsDirectory, [...serviceNames, 'officer']);
  const { services, child, relaunch } = await startServicesInOneProcess(stack, {
    administration,
    tlsDirectory,
    services: [
      ['risk-scoring', () => ({})],
      ['aeo-registry', () => ({})],
      [
        'mutual-recognition',
        () => ({
          ...exchangeSettings(stack, administration, link),
          HTTP_PORT: String(link.partnerPort),
        }),
      ],
      [
        'clearance-priority',
        (addressOf) =>
          clearanceSettings(stack, administration, demonstration.partnerCountry, addressOf('risk-scoring')),
      ],
    ],
  });
  const [registry, exchange, clearance] = ['aeo-registry', 'mutual-recognition', 'clearance-priority'].map(
    (name) => services[name] ?? { address: '', databaseUrl: '', proofKeyFile: '' },
  ) as [Recorded, Recorded, Recorded];
  const supervised = supervise({ child, relaunch }, supervision);
  return { registry, exchange, tlsDirectory, recorded: { registry, exchange, clearance }, supervised };
}

type Recorded = Pick<ServiceAccess, 'address' | 'databaseUrl' | 'proofKeyFile'>;
