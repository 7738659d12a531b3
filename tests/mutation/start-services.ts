import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificates } from '../../infra/local/services/certificates.ts';
import { freePort } from '../../infra/local/processes/ports.ts';
import { startHomeServices } from '../../infra/main-job/services/home-services.ts';
import type { Stack } from '../../infra/local/stack-types.ts';
import { supervise, type Supervised } from '../../infra/local/services/supervision.ts';

/** Starts every service of the tree it lies in, a process each, as the main job does, and stops them again. */
const folder = realpathSync(mkdtempSync(join(process.env['TEST_FOLDER'] ?? tmpdir(), 'start-')));
const at = (name: string) => join(folder, name);
const stack: Stack = {
  kafkaBrokers: process.env['KAFKA_BROKERS'] ?? '',
  postgresUrl: process.env['POSTGRES_URL'] ?? '',
  redisUrl: process.env['REDIS_URL'] ?? '',
  folders: { downloads: at('downloads'), data: at('data'), logs: at('logs'), run: at('run'), fresh: true },
  stop: () => Promise.resolve(),
};
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
