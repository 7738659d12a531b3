import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createCertificates } from '../../infra/local/services/certificates.ts';
import { freePort } from '../../infra/local/processes/ports.ts';
import { startHomeServices } from '../../infra/main-job/services/home-services.ts';
import { supervise, type Supervised } from '../../infra/local/services/supervision.ts';
import { processFolder } from '../setup/stack/process-folder.ts';
import { serviceStack } from '../setup/stack/service-stack.ts';

/** Starts every service of the tree it lies in, a process each, as the main job does, and stops them again. */
const folder = processFolder('start');
const at = (name: string) => join(folder, name);
const endpoints = {
  kafkaBrokers: process.env['KAFKA_BROKERS'] ?? '',
  postgresUrl: process.env['POSTGRES_URL'] ?? '',
  redisUrl: process.env['REDIS_URL'] ?? '',
};
const stack = serviceStack(endpoints, folder);
const link = { tlsDirectory: at('link'), partnerPort: await freePort() };
await createCertificates(link.tlsDirectory, ['home', 'partner']);
const supervision = { log: () => undefined, onGivenUp: () => undefined, restartsMax: 0 };
const running: Supervised[] = [];
try {
  await startHomeServices({ stack, link, issuer: {} }, (one) => running.push(supervise(one, supervision)));
} finally {
  await Promise.all(running.map((one) => one.stop(10_000)));
  rmSync(folder, { recursive: true, force: true });
}
