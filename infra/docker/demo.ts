import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { administration, partnerAdministration } from '../main-job/services/administrations.ts';
import { readInputs } from '../main-job/input/inputs.ts';
import { runMainJob } from '../main-job/main-job.ts';
import { helpText, readOptions } from '../main-job/input/options.ts';
import type { JobServices } from '../main-job/job.ts';
import { settingsFile } from './prepared.ts';

const folder = process.env['PREPARED'] ?? '/prepared';

/** What `npm start` does on a stack of its own, on the services of this composition; its own earlier data stay. */
async function demonstrate(args: string[]): Promise<number> {
  const options = { ...readOptions(args), keep: true, once: true };
  if (options.help) {
    process.stdout.write(`${helpText}\n`);
    return 0;
  }
  const site = { kafkaBrokers: process.env['KAFKA_BROKERS'] ?? '' };
  const { sound } = await runMainJob(site, await services(), readInputs(options), options);
  return sound ? 0 : 2;
}

async function services(): Promise<JobServices> {
  const ours = (service: string) => access(administration, service, service);
  return {
    home: {
      risk: ours('risk-scoring'),
      registry: ours('aeo-registry'),
      // Over HTTP the exchange answers under its name on the link.
      exchange: { ...ours('mutual-recognition'), httpAddress: `${administration}:8443` },
      clearance: ours('clearance-priority'),
      tlsDirectory: join(folder, administration, 'callers'),
    },
    partner: await partner(),
    linkTlsDirectory: join(folder, administration, 'mutual-recognition', 'link'),
  };
}

/** The other administration, where its profile is up. */
async function partner(): Promise<JobServices['partner']> {
  const theirs = (service: string) => access(partnerAdministration, service, `partner-${service}`);
  const [registry, exchange] = [theirs('aeo-registry'), theirs('mutual-recognition')];
  try {
    await lookup(hostOf(registry));
  } catch {
    process.stdout.write('No partner takes part: the profile `partner` is not up.\n');
    return undefined;
  }
  const recorded = { registry, exchange, clearance: theirs('clearance-priority') };
  return { registry, exchange, recorded, tlsDirectory: join(folder, partnerAdministration, 'callers') };
}

function hostOf({ address }: { address: string }): string {
  return address.split(':')[0] ?? '';
}

function access(owner: string, service: string, host: string): JobServices['home']['risk'] {
  const own = join(folder, owner, service);
  const settings = parseEnv(readFileSync(join(own, settingsFile), 'utf8'));
  return {
    address: `${host}:50051`,
    httpAddress: `${host}:8443`,
    databaseUrl: settings['DATABASE_URL'] ?? '',
    proofKeyFile: join(own, 'proof.pem'),
  };
}

process.exitCode = await demonstrate(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`);
  return 1;
});
process.exit();
