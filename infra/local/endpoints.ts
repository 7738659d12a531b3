import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Endpoints } from './stack-types.ts';

/** By administration and service: gRPC as host:port, REST as URL; both want a certificate. */
export type ServiceAddresses = Record<string, Record<string, { grpc: string; rest?: string }>>;

/** Writes the addresses for whoever runs this: nobody else may read the superuser's password in one of them. */
export function writeEndpoints(folder: string, endpoints: Endpoints, services: ServiceAddresses = {}): void {
  const { kafkaBrokers, postgresUrl, redisUrl } = endpoints;
  const text = JSON.stringify({ kafkaBrokers, postgresUrl, redisUrl, services }, null, 2);
  const file = join(folder, 'endpoints.json');
  // A new file, since an earlier one would keep its mode, and readers see the old one or the whole new one.
  rmSync(`${file}.new`, { force: true });
  writeFileSync(`${file}.new`, `${text}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
