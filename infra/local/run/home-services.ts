import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCertificates } from '../certificates.ts';
import { startService, type ServiceProcess } from '../service-process.ts';
import type { Stack } from '../stack.ts';
import { demonstration } from './demonstration.ts';

export const administration = 'home';

export type HomeServices = {
  risk: ServiceProcess;
  registry: ServiceProcess;
  clearance: ServiceProcess;
  tlsDirectory: string;
  stop: () => Promise<void>;
};

// On a machine that runs brokers, services and clients on the same two cores, 25 ms would measure the machine.
const scoreTimeoutMs = 250;

/** Starts our administration's services, each in a process; all or none. */
export async function startHomeServices(stack: Stack): Promise<HomeServices> {
  const tlsDirectory = join(stack.folders.run, 'tls', administration);
  await createCertificates(tlsDirectory, [
    'risk-scoring',
    'aeo-registry',
    'clearance-priority',
    'border-system',
  ]);
  const started: ServiceProcess[] = [];
  const start = async (service: string, settings: Record<string, string> = {}) => {
    const one = await startService(stack, { administration, service, tlsDirectory, settings });
    started.push(one);
    return one;
  };
  // What a client asked last is answered before the services it leans on are stopped.
  const stop = async () => {
    for (const { child } of started.toReversed()) await child.stop(10_000);
  };
  const first = await Promise.allSettled([start('risk-scoring'), start('aeo-registry')]);
  const [risk, registry] = first;
  try {
    if (risk.status === 'rejected') throw risk.reason;
    if (registry.status === 'rejected') throw registry.reason;
    const clearance = await start('clearance-priority', {
      RISK_ADDRESS: risk.value.address,
      COUNTRY: demonstration.homeCountry,
      DRAW_MASTER_KEY: drawMasterKey(stack),
      SCORE_TIMEOUT_MS: String(scoreTimeoutMs),
      SPOOL_DIR: join(stack.folders.data, 'spool'),
    });
    return { risk: risk.value, registry: registry.value, clearance, tlsDirectory, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Lives as long as the data: a run that is continued must not draw again. */
function drawMasterKey({ folders }: Stack): string {
  const file = join(folders.data, 'draw-master.key');
  mkdirSync(folders.data, { recursive: true });
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString('base64'), { mode: 0o600 });
  return readFileSync(file, 'utf8');
}
