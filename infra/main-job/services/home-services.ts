import { join } from 'node:path';
import { createCertificates } from '../../local/services/certificates.ts';
import {
  startService,
  type ServiceAccess,
  type ServiceProcess,
} from '../../local/services/service-process.ts';
import type { Stack } from '../../local/stack-types.ts';
import {
  administration,
  clearanceSettings,
  exchangeSettings,
  serviceNames,
  type ExchangeLink,
} from './administrations.ts';
import { demonstration } from '../demonstration.ts';

/** Our services, and the folder with the certificates of their callers. */
export type HomeServices<Service extends ServiceAccess = ServiceProcess> = {
  risk: Service;
  registry: Service;
  exchange: Service;
  clearance: Service;
  tlsDirectory: string;
};

/** The same, wherever they run. */
export type HomeAccess = HomeServices<ServiceAccess>;

type HomeSite = {
  stack: Stack;
  link: ExchangeLink;
  /** Settings that name the issuer of the tokens that services accept. */
  issuer: Record<string, string>;
};

/** Starts our administration's services, each in a process of its own; calls `onStarted` as soon as one is up. */
export async function startHomeServices(
  { stack, link, issuer }: HomeSite,
  onStarted: (process: ServiceProcess, service: string) => void,
): Promise<HomeServices> {
  const tlsDirectory = join(stack.folders.run, 'tls', administration);
  await createCertificates(tlsDirectory, [...serviceNames, 'border-system', 'officer']);
  const start = async (service: string, settings: Record<string, string> = {}) => {
    const one = await startService(stack, {
      administration,
      service,
      tlsDirectory,
      settings: { ...issuer, ...settings },
      settablePorts: true,
    });
    onStarted(one, service);
    return one;
  };
  const [risk, registry, exchange] = await allOrThrow([
    start('risk-scoring', { THRESHOLDS_EVERY_MS: '250' }),
    start('aeo-registry'),
    start('mutual-recognition', {
      ...exchangeSettings(stack, administration, link),
      PARTNER_URL: `https://localhost:${link.partnerPort}`,
    }),
  ]);
  const clearance = await start(
    'clearance-priority',
    clearanceSettings(stack, administration, demonstration.homeCountry, risk.address),
  );
  return { risk, registry, exchange, clearance, tlsDirectory };
}

/** Waits for all, also where one fails: what has been started must be known before it can be stopped. */
async function allOrThrow<T extends Promise<ServiceProcess>[]>(
  promises: readonly [...T],
): Promise<{ [Index in keyof T]: ServiceProcess }> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}
