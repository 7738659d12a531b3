import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startService as startRegistry } from '@aeo/aeo-registry';
import { startService as startClearance } from '@aeo/clearance-priority';
import { grpcClient, loadTls, type GrpcClient, type TlsFiles } from '@aeo/platform/grpc';
import { mutualTlsRequest } from '@aeo/platform/http';
import { connectKafka, type Kafka } from '@aeo/platform/kafka';
import { stopAll, type Stoppable } from '@aeo/platform/lifecycle';
import type { Database } from '@aeo/platform/postgres';
import { clearanceService } from '@aeo/proto';
import { startService as startRisk } from '@aeo/risk-scoring';
import { createCertificates } from '../../../infra/local/services/certificates.ts';
import type { Endpoints } from '../../../infra/local/stack-types.ts';
import type { AdministrationSource } from '../../../infra/auditor/sources.ts';
import { ownOpenApiAssertion } from '../http/openapi-check.ts';
import { createTestDatabase } from '../stack/database.ts';
import { serviceClients } from './service-clients.ts';
import { trainOnHistory } from './train-on-history.ts';

export type TestServices = {
  registry: GrpcClient;
  risk: GrpcClient;
  /** One client for each clearance node; all nodes share a database. */
  clearance: GrpcClient[];
  clearanceDatabase: Database;
  /** REST of the first clearance node. */
  rest: (path: string, json?: unknown) => Promise<{ status: number; body: Record<string, unknown> }>;
  /** The first clearance node, for a caller whose certificate is of the same authority but of no border post. */
  trader: { rest: TestServices['rest']; grpc: GrpcClient };
  kafka: Kafka;
  /** Where an auditor reads what this administration did. */
  source: AdministrationSource;
  stop(): Promise<void>;
};

const quiet = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (message: string) => void process.stderr.write(`${message}\n`),
};

const serviceNames = ['risk-scoring', 'aeo-registry', 'clearance-priority'];

const clearanceDefaults = {
  COUNTRY: 'XA',
  FLOOR_PPM: 10_000,
  STATUS_AGE_MAX_MS: 2_000,
  SCORE_TIMEOUT_MS: 1_000,
  SNAPSHOT_EVERY_MS: 60_000,
};

/** One administration with a trained model and as many clearance nodes as asked for, on the real brokers. */
export async function startServices(stack: Endpoints, nodes: number): Promise<TestServices> {
  const administration = `test-${randomUUID().slice(0, 8)}`;
  const folder = mkdtempSync(join(tmpdir(), 'services-'));
  await createCertificates(folder, [...serviceNames, 'border-system', 'officer', 'trader']);
  const newDatabase = () => createTestDatabase(stack.postgresUrl);
  const databases = [await newDatabase(), await newDatabase(), await newDatabase()] as const;
  const [riskDatabase, registryDatabase, clearanceDatabase] = databases;
  const brokers = stack.kafkaBrokers.split(',');
  const shared = {
    ADMINISTRATION: administration,
    KAFKA_BROKERS: brokers,
    GRPC_PORT: 0,
    TLS_DIR: folder,
    HTTP_PORT: 0,
    PROOF_KEY_FILE: join(folder, 'proof.pem'),
  };
  const rules = { THRESHOLDS_EVERY_MS: 200, DATABASE_URL: riskDatabase.url };
  const risk = await startRisk({ ...shared, ...rules }, quiet);
  const registry = await startRegistry({ ...shared, DATABASE_URL: registryDatabase.url }, quiet);
  const settings = {
    ...shared,
    DATABASE_URL: clearanceDatabase.url,
    RISK_ADDRESS: `localhost:${risk.grpcPort}`,
    ...clearanceDefaults,
    DRAW_MASTER_KEY: randomBytes(32),
    REDIS_URL: stack.redisUrl,
  };
  const clearance = [];
  for (let node = 0; node < nodes; node += 1)
    clearance.push(await startClearance({ ...settings, SPOOL_DIR: join(folder, `spool-${node}`) }, quiet));
  const connect = serviceClients(folder);
  const serverAt = (port: number) => ({ address: `localhost:${port}` });
  const clients = {
    risk: connect.risk(serverAt(risk.grpcPort)),
    registry: connect.registry(serverAt(registry.grpcPort)),
    clearance: clearance.map(({ grpcPort }) => connect.clearance(serverAt(grpcPort))),
  };
  const trader = traderOf(clearance[0], loadTls(folder, 'trader'));
  const log = () => undefined;
  const kafka = await connectKafka({ brokers, administration, clientId: 'border-system', log });
  await trainOnHistory(clients.risk);
  const parts: Stoppable[] = [
    ...clients.clearance,
    trader.grpc,
    clients.registry,
    clients.risk,
    kafka,
    ...clearance.flatMap((node) => node.parts),
    ...registry.parts,
    ...risk.parts,
  ];
  return {
    ...clients,
    clearanceDatabase: clearanceDatabase.database,
    rest: restOf(clearance[0]?.httpPort ?? 0, loadTls(folder, 'border-system')),
    trader,
    kafka,
    source: sourceOf(stack, shared, registryDatabase.url, clearanceDatabase.url),
    stop: async () => {
      const { failed } = await stopAll(parts, 20_000);
      for (const own of databases) await own.drop();
      rmSync(folder, { recursive: true });
      if (failed.length > 0) throw new Error(`did not stop: ${failed.map(({ name }) => name).join(', ')}`);
    },
  };
}

/** One key file for all: a service that finds it there takes it. */
function sourceOf(
  { kafkaBrokers }: Endpoints,
  { ADMINISTRATION: name, PROOF_KEY_FILE: proofKeyFile }: { ADMINISTRATION: string; PROOF_KEY_FILE: string },
  registry: string,
  clearance: string,
): AdministrationSource {
  const sealed = (databaseUrl: string) => ({ databaseUrl, proofKeyFile });
  return { name, kafkaBrokers, registry: sealed(registry), clearance: sealed(clearance) };
}

function traderOf(node: { grpcPort: number; httpPort: number } | undefined, tls: TlsFiles) {
  const address = `localhost:${node?.grpcPort ?? 0}`;
  return {
    rest: restOf(node?.httpPort ?? 0, tls),
    grpc: grpcClient(clearanceService.ClearanceServiceClient, { address, tls, defaultDeadlineMs: 10_000 }),
  };
}

function restOf(port: number, tls: TlsFiles): TestServices['rest'] {
  let holding: ReturnType<typeof ownOpenApiAssertion> | undefined;
  return async (path, json) => {
    const settings = { tls, timeoutMs: 10_000, bytesMax: 1_000_000 };
    const { status, body } = await mutualTlsRequest(`https://localhost:${port}${path}`, {
      ...settings,
      ...(json === undefined ? {} : { json }),
    });
    const answer = JSON.parse(body.toString()) as Record<string, unknown>;
    const hold = await (holding ??= ownOpenApiAssertion(port, tls));
    hold({ method: json === undefined ? 'GET' : 'POST', path, status, body: answer });
    return { status, body: answer };
  };
}
