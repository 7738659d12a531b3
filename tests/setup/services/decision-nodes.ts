import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { loadTls, type GrpcClient } from '@aeo/platform/grpc';
import { mutualTlsRequest } from '@aeo/platform/http';
import { connectPostgres, type Database } from '@aeo/platform/postgres';
import { createCertificates } from '../../../infra/local/services/certificates.ts';
import { createDatabase } from '../../../infra/local/services/databases.ts';
import { startService, type ServiceProcess } from '../../../infra/local/services/service-process.ts';
import type { Endpoints } from '../../../infra/local/stack-types.ts';
import type { AdministrationSource } from '../../../infra/auditor/sources.ts';
import { processFolder } from '../stack/process-folder.ts';
import { serviceStack } from '../stack/service-stack.ts';
import { serviceClients, trainRiskScoring } from './service-clients.ts';

const service = 'clearance-priority';

export type DecisionNode = {
  process: ServiceProcess;
  client: GrpcClient;
  /** Where it keeps what it could not record. */
  spoolFolder: string;
  /** What it says of itself at `/metrics`. */
  metrics(): Promise<string>;
  /** Ends it as a power cut would: nothing in it gets to say a word. */
  kill(): Promise<void>;
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
};

/** Where a node finds what it needs, where that is not the usual place. */
type NodeSettings = { proxyPort?: number; settings?: Record<string, string> };

/** One administration on the real brokers, with a process for each service and for each of any number of nodes. */
export type DecisionNodes = {
  administration: string;
  tlsDirectory: string;
  registry: ServiceProcess;
  registryClient: GrpcClient;
  risk: ServiceProcess;
  /** The decisions of all nodes, by the tests' own way to the database. */
  database: Database;
  /** What an auditor reads of it. */
  source: AdministrationSource;
  databasePort: number;
  /** The master key of the draws, base64. */
  drawKey: string;
  /** A node of this name has a folder for its log and its spool; a later one of the same name goes on with them. */
  startNode(name: string, ways?: NodeSettings): Promise<DecisionNode>;
  startRisk(): Promise<ServiceProcess>;
  stop(): Promise<void>;
};

/** Starts registry and a trained risk-scoring; nodes are started one by one. */
export async function startDecisionNodes(
  endpoints: Endpoints,
  settings: Record<string, string> = {},
): Promise<DecisionNodes> {
  const folder = processFolder('nodes');
  const administration = `test${randomBytes(4).toString('hex')}`;
  const tlsDirectory = join(folder, 'tls');
  await createCertificates(tlsDirectory, [
    'risk-scoring',
    'aeo-registry',
    service,
    'border-system',
    'officer',
  ]);
  const start = (name: string, of: string, extra: Record<string, string> = {}) =>
    startService(serviceStack(endpoints, folder, name), {
      administration,
      service: of,
      tlsDirectory,
      settings: extra,
    });
  const startRisk = () => start('risk', 'risk-scoring');
  const [risk, registry] = await Promise.all([startRisk(), start('registry', 'aeo-registry')]);
  const connect = serviceClients(tlsDirectory);
  await trainRiskScoring(tlsDirectory, risk);
  const registryClient = connect.registry(registry);
  await createDatabase(endpoints.postgresUrl, administration, service);
  // Each start gives the service's own login a new password; nodes side by side need one that stays.
  const url = new URL(endpoints.postgresUrl);
  url.pathname = `/aeo_${administration}_${service.replaceAll('-', '_')}`;
  const database = await connectPostgres({ url: url.href, applicationName: 'tests', connectionsMax: 2 });
  const shared = { RISK_ADDRESS: risk.address, COUNTRY: 'XA', SCORE_TIMEOUT_MS: '1000', ...settings };
  const drawKey = randomBytes(32).toString('base64');
  const nodes: DecisionNode[] = [];
  const started = [risk];
  const startNode: DecisionNodes['startNode'] = async (name, ways = {}) => {
    const node = await start(name, service, {
      ...shared,
      DRAW_MASTER_KEY: drawKey,
      SPOOL_DIR: join(folder, name, 'spool'),
      DATABASE_URL: through(url, ways.proxyPort),
      ...ways.settings,
    });
    const rest = { spoolFolder: join(folder, name, 'spool'), metrics: metricsOf(tlsDirectory, node) };
    nodes.push({ ...nodeOf(node, connect.clearance(node)), ...rest });
    return nodes.at(-1)!;
  };
  return {
    administration,
    tlsDirectory,
    registry,
    registryClient,
    risk,
    database,
    drawKey,
    startNode,
    databasePort: Number(url.port),
    source: sourceOf(administration, endpoints, registry, url),
    startRisk: async () => {
      started.push(await startRisk());
      return started.at(-1)!;
    },
    stop: async () => {
      await database.stop();
      await Promise.all([registryClient.stop(), ...nodes.map(({ client }) => client.stop())]);
      for (const { child } of [...nodes.map((node) => node.process), registry, ...started])
        await child.stop(10_000);
      rmSync(folder, { recursive: true });
    },
  };
}

function sourceOf(
  name: string,
  { kafkaBrokers }: Endpoints,
  { databaseUrl }: ServiceProcess,
  clearance: URL,
): AdministrationSource {
  return { name, kafkaBrokers, registry: { databaseUrl }, clearance: { databaseUrl: clearance.href } };
}

function through(url: URL, port: number | undefined): string {
  const way = new URL(url);
  if (port !== undefined) way.host = `127.0.0.1:${port}`;
  return way.href;
}

function metricsOf(tlsDirectory: string, { httpAddress }: ServiceProcess) {
  const settings = { tls: loadTls(tlsDirectory, 'officer'), timeoutMs: 5_000, bytesMax: 1_000_000 };
  return async () => {
    const { body } = await mutualTlsRequest(`https://${httpAddress}/metrics`, settings);
    return body.toString();
  };
}

function nodeOf(
  node: ServiceProcess,
  client: GrpcClient,
): Pick<DecisionNode, 'process' | 'client' | 'kill' | 'signal'> {
  const { child } = node;
  return {
    process: node,
    client,
    kill: async () => {
      child.process.kill('SIGKILL');
      await child.exited;
    },
    signal: (signal) => void child.process.kill(signal),
  };
}
