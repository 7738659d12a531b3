import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createCertificates } from '../../../infra/local/services/certificates.ts';
import {
  proofKeyFile,
  startService,
  type ServiceProcess,
} from '../../../infra/local/services/service-process.ts';
import type { Endpoints } from '../../../infra/local/stack-types.ts';
import type { AdministrationSource } from '../../../infra/auditor/sources.ts';
import { processFolder } from '../stack/process-folder.ts';
import { serviceStack } from '../stack/service-stack.ts';

export type TestProcesses = {
  risk: ServiceProcess;
  registry: ServiceProcess;
  clearance: ServiceProcess;
  tlsDirectory: string;
  administration: string;
  /** Where an auditor reads what this administration did. */
  source: AdministrationSource;
  stop: () => Promise<void>;
};

type Settings = Record<string, string>;

/**
 * One administration as it runs in earnest: a process for each service, with telemetry, on the real brokers.
 *
 * @param extra settings of all services
 * @param own settings of one service alone
 */
export async function startProcesses(
  endpoints: Endpoints,
  extra: Settings,
  own: { registry?: Settings; clearance?: Settings } = {},
): Promise<TestProcesses> {
  const folder = processFolder('processes');
  const at = (name: string) => join(folder, name);
  const stack = serviceStack(endpoints, folder);
  const tlsDirectory = at('tls');
  await createCertificates(tlsDirectory, [
    'risk-scoring',
    'aeo-registry',
    'clearance-priority',
    'border-system',
    'officer',
  ]);
  const administration = `test${randomBytes(4).toString('hex')}`;
  const start = (service: string, settings: Settings = {}) =>
    startService(stack, { administration, service, tlsDirectory, settings: { ...extra, ...settings } });
  const [risk, registry] = await Promise.all([start('risk-scoring'), start('aeo-registry', own.registry)]);
  const clearance = await start('clearance-priority', {
    RISK_ADDRESS: risk.address,
    COUNTRY: 'XA',
    DRAW_MASTER_KEY: randomBytes(32).toString('base64'),
    SPOOL_DIR: at('spool'),
    ...own.clearance,
  });
  const stop = async () => {
    for (const { child } of [clearance, registry, risk]) await child.stop(10_000);
    rmSync(folder, { recursive: true });
  };
  const audited = (service: string, { databaseUrl }: ServiceProcess) => ({
    databaseUrl,
    proofKeyFile: proofKeyFile(stack, administration, service),
  });
  const source = {
    name: administration,
    kafkaBrokers: endpoints.kafkaBrokers,
    registry: audited('aeo-registry', registry),
    clearance: audited('clearance-priority', clearance),
  };
  return { risk, registry, clearance, tlsDirectory, administration, source, stop };
}
