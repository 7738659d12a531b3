import { join } from 'node:path';
import { createCertificates } from '../certificates.ts';
import { startTogether } from '../service-process.ts';
import type { Stack } from '../stack.ts';
import {
  clearanceSettings,
  exchangeSettings,
  partnerAdministration,
  serviceNames,
  type ExchangeLink,
} from './administrations.ts';
import { demonstration } from './demonstration.ts';

/** What another administration shows a run, wherever it is. */
export type PartnerAccess = {
  registry: { address: string };
  exchange: { address: string };
  tlsDirectory: string;
};

export type PartnerServices = PartnerAccess & { stop: () => Promise<void> };

/** Starts the partner's administration: the same services, all in one process, with data and keys of its own. */
export async function startPartnerServices(stack: Stack, link: ExchangeLink): Promise<PartnerServices> {
  const administration = partnerAdministration;
  const tlsDirectory = join(stack.folders.run, 'tls', administration);
  await createCertificates(tlsDirectory, [...serviceNames, 'officer']);
  const { addresses, child } = await startTogether(stack, {
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
  return {
    registry: { address: addresses['aeo-registry'] ?? '' },
    exchange: { address: addresses['mutual-recognition'] ?? '' },
    tlsDirectory,
    stop: () => child.stop(10_000),
  };
}
