import { fileURLToPath } from 'node:url';
import { layFoundation } from '@aeo/platform/foundation';
import { loadTls, serveGrpc } from '@aeo/platform/grpc';
import type { Stoppable } from '@aeo/platform/lifecycle';
import type { Logger } from '@aeo/platform/logger';
import { common, topics } from '@aeo/proto';
import { postgresRiskStore } from './adapters/risk-store.postgres.ts';
import { createApp } from './app.ts';
import type { Config } from './config.ts';

const name = 'risk-scoring';
const owned = [topics.thresholdTable, topics.mandatoryRule];

export type RunningService = { grpcPort: number; parts: Stoppable[] };

/** Starts the service; its parts are listed in the order in which they must be stopped. */
export async function startService(config: Config, logger: Logger): Promise<RunningService> {
  const foundation = await layFoundation({
    service: name,
    administration: config.ADMINISTRATION,
    databaseUrl: config.DATABASE_URL,
    brokers: config.KAFKA_BROKERS,
    migrations: fileURLToPath(new URL('../migrations', import.meta.url)),
    owned,
    encodeHeartbeat: (asOf, partition) => common.Heartbeat.encode({ asOf, partition }).finish(),
    statementTimeoutMs: 30_000,
    logger,
  });
  const store = postgresRiskStore(foundation.database, foundation.append);
  const app = createApp({ ...store, now: () => new Date() });
  const server = await serveGrpc({
    port: config.GRPC_PORT,
    tls: loadTls(config.TLS_DIR, name),
    services: app.services,
  });
  return { grpcPort: server.port, parts: [server, ...foundation.parts] };
}
