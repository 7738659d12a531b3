import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Endpoints } from './stack-types.ts';

/** By administration and service: gRPC as host:port, REST as URL; both need a client certificate. */
export type ServiceAddresses = Record<string, Record<string, { grpc: string; rest?: string }>>;

/** Writes the addresses, readable by this user alone: one of them contains the superuser's password. */
export function writeEndpoints(folder: string, endpoints: Endpoints, services: ServiceAddresses = {}): void {
  const { kafkaBrokers, postgresUrl, redisUrl } = endpoints;
  const text = JSON.stringify({ kafkaBrokers, postgresUrl, redisUrl, services }, null, 2);
  const file = join(folder, 'endpoints.json');
  // A new file has the right mode, and the rename is atomic for readers.
  rmSync(`${file}.new`, { force: true });
  writeFileSync(`${file}.new`, `${text}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
