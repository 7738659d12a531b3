import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { grpcClient, loadTls, type GrpcClient } from '@aeo/platform/grpc';
import { mutualTlsRequest } from '@aeo/platform/http';
import { connectPostgres, type Database } from '@aeo/platform/postgres';
import { registryService } from '@aeo/proto';
import { createCertificates } from '../../../infra/local/services/certificates.ts';
import { createDatabase } from '../../../infra/local/services/databases.ts';
import {
  proofKeyFile,
  startService,
  type ServiceOptions,
} from '../../../infra/local/services/service-process.ts';
import type { Endpoints, Stack } from '../../../infra/local/stack-types.ts';
import type { AdministrationSource } from '../../../infra/auditor/sources.ts';
import { processFolder } from '../stack/process-folder.ts';
import { serviceStack } from '../stack/service-stack.ts';
import { startTransactionHolds, type Moment, type TransactionHold } from '../faults/transaction-holds.ts';

const service = 'aeo-registry';

export type RestCall = {
  method: 'POST' | 'PUT' | 'PATCH';
  path: string;
  json?: unknown;
  headers: Record<string, string>;
};

/** A registry in a process of its own that can be killed, and stopped at any moment of a transaction. */
export type RegistryProcess = {
  grpc: GrpcClient;
  rest(call: RestCall): Promise<{ status: number; body: Record<string, unknown> }>;
  holdNext(operatorId: string, moment: Moment): TransactionHold;
  /** Ends it as a power cut would: nothing in it gets to say a word. */
  kill(): Promise<void>;
  /** Starts it again with the ports and settings it had. */
  restart(): Promise<void>;
};

/** One administration's registry on the real brokers, as any number of processes on one database. */
export type RegistryProcesses = {
  administration: string;
  database: Database;
  /** Where an auditor reads what it did. */
  source: AdministrationSource;
  /** By the database's clock. */
  now(): Promise<Date>;
  /** Moves the database's clock on; what reads it later, in whatever process, reads the later time. */
  moveClockTo(time: Date): Promise<void>;
  /** A process of this name has a folder for its log. */
  start(name: string): Promise<RegistryProcess>;
  stop(): Promise<void>;
};

export async function startRegistryProcesses(endpoints: Endpoints): Promise<RegistryProcesses> {
  const folder = processFolder('registries');
  const administration = `test${randomBytes(4).toString('hex')}`;
  const tlsDirectory = join(folder, 'tls');
  await createCertificates(tlsDirectory, [service, 'officer']);
  const url = new URL(await createDatabase(endpoints.postgresUrl, administration, service));
  const { username, password } = new URL(endpoints.postgresUrl);
  [url.username, url.password] = [username, password];
  const database = await connectPostgres({ url: url.href, applicationName: 'tests' });
  await makeClockMovable(database, url.pathname.slice(1));
  const stops: (() => Promise<void>)[] = [];
  return {
    administration,
    database,
    source: {
      name: administration,
      kafkaBrokers: endpoints.kafkaBrokers,
      registry: {
        databaseUrl: url.href,
        proofKeyFile: proofKeyFile(serviceStack(endpoints, folder), administration, service),
      },
    },
    now: async () => {
      const { rows } = await database.query<{ now: Date }>('SELECT moved.clock_timestamp() AS now');
      return rows[0]!.now;
    },
    moveClockTo: async (time) => {
      await database.query('UPDATE moved.ahead SET by = $1::timestamptz - pg_catalog.clock_timestamp()', [
        time.toISOString(),
      ]);
    },
    start: async (name) => {
      const stack = serviceStack(endpoints, folder, name);
      const { running, stop } = await startOne(stack, { administration, service, tlsDirectory }, url);
      stops.push(stop);
      return running;
    },
    stop: async () => {
      for (const stop of stops) await stop();
      await database.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

async function startOne(
  stack: Stack,
  options: ServiceOptions,
  url: URL,
): Promise<{ running: RegistryProcess; stop: () => Promise<void> }> {
  const holds = await startTransactionHolds(Number(url.port));
  const way = new URL(url);
  way.host = `127.0.0.1:${holds.port}`;
  const started = await startService(stack, { ...options, settings: { DATABASE_URL: way.href } });
  const tls = loadTls(options.tlsDirectory, 'officer');
  const connect = () =>
    grpcClient(registryService.RegistryServiceClient, {
      address: started.address,
      tls,
      defaultDeadlineMs: 20_000,
    });
  let { child } = started;
  const clients = [connect()];
  const running: RegistryProcess = {
    grpc: clients[0]!,
    rest: async ({ path, ...call }) => {
      const settings = { tls, timeoutMs: 20_000, bytesMax: 1_000_000, ...call };
      const { status, body } = await mutualTlsRequest(`https://${started.httpAddress}${path}`, settings);
      return { status, body: JSON.parse(body.toString()) as Record<string, unknown> };
    },
    holdNext: (operatorId, moment) => holds.holdNext(operatorId, moment),
    kill: async () => {
      child.process.kill('SIGKILL');
      await child.exited;
    },
    restart: async () => {
      child = await started.relaunch();
      // One that was refused waits before it tries again.
      running.grpc = connect();
      clients.push(running.grpc);
    },
  };
  const stop = async () => {
    for (const client of clients) await client.stop();
    await child.stop(10_000);
    await holds.stop();
  };
  return { running, stop };
}

/**
 * Names without a schema are looked for in `moved` before Postgres's own: the time is that of a clock that a test moves.
 * It only ever goes forward.
 */
async function makeClockMovable(database: Database, name: string): Promise<void> {
  await database.query(`ALTER DATABASE ${name} SET search_path = public, moved, pg_catalog`);
  await database.query('CREATE SCHEMA moved');
  await database.query("CREATE TABLE moved.ahead AS SELECT interval '0' AS by");
  await database.query(`CREATE FUNCTION moved.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
    AS 'SELECT pg_catalog.clock_timestamp() + by FROM moved.ahead'`);
}
