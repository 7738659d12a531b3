import { relative } from 'node:path';
import type { ServiceAddresses } from '../../local/endpoints.ts';
import type { ServiceProcess } from '../../local/services/service-process.ts';
import { administration, partnerAdministration } from './administrations.ts';
import type { HomeAccess } from './home-services.ts';
import type { RunServices } from './run-services.ts';

/** The addresses of our services and of the partner's, for `endpoints.json`. */
export function addressesOf({
  home,
  partner,
}: Pick<RunServices, 'home'> & Partial<RunServices>): ServiceAddresses {
  const both = ({ address, httpAddress }: ServiceProcess) => ({
    grpc: address,
    rest: `https://${httpAddress}`,
  });
  const ours = {
    'risk-scoring': both(home.risk),
    'aeo-registry': both(home.registry),
    'mutual-recognition': both(home.exchange),
    'clearance-priority': both(home.clearance),
  };
  if (partner === undefined) return { [administration]: ours };
  return {
    [administration]: ours,
    [partnerAdministration]: {
      'aeo-registry': { grpc: partner.registry.address },
      'mutual-recognition': { grpc: partner.exchange.address },
    },
  };
}

/** The addresses of our services and the certificates of their callers, for the terminal. */
export function addressesText({ risk, registry, exchange, clearance, tlsDirectory }: HomeAccess): string {
  const services = { 'clearance-priority': clearance, 'aeo-registry': registry };
  const rest = Object.entries(services).map(([name, { httpAddress }]) => `  ${name} https://${httpAddress}`);
  const grpc = { ...services, 'mutual-recognition': exchange, 'risk-scoring': risk };
  return [
    '',
    `Certificates for callers: ${relative(process.cwd(), tlsDirectory)} (ca.pem; border-system.pem, border-system.key.pem; officer.pem, officer.key.pem for the registry's commands)`,
    'REST (each with /openapi.json, /readyz, /metrics)',
    ...rest,
    'gRPC with reflection',
    ...Object.entries(grpc).map(([name, { address }]) => `  ${name} ${address}`),
    '',
  ].join('\n');
}
