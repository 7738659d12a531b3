import { fileURLToPath } from 'node:url';
import { loadTls, serveGrpc } from '@aeo/platform/grpc';
import { connectKafka } from '@aeo/platform/kafka';
import type { Stoppable } from '@aeo/platform/lifecycle';
import type { Logger } from '@aeo/platform/logger';
import { migrate } from '@aeo/platform/migrations';
import { outboxWriter } from '@aeo/platform/outbox';
import { startOutboxRelay } from '@aeo/platform/outbox-relay';
import { connectPostgres } from '@aeo/platform/postgres';
import { common, topics } from '@aeo/proto';
import { postgresOperatorStore, readEpoch } from './adapters/operator-store.postgres.ts';
import { loadProgrammes } from './adapters/programme-files.ts';
import { createApp } from './app.ts';
import type { Config } from './config.ts';

const name = 'aeo-registry';
const owned = [topics.operatorStatus];
const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export type RunningService = { grpcPort: number; parts: Stoppable[] };

/** Starts the service; its parts are listed in the order in which they must be stopped. */
export async function startService(config: Config, logger: Logger): Promise<RunningService> {
  const rules = loadProgrammes(folder('../programmes'));
  await migrate(config.DATABASE_URL, folder('../migrations'));
  const database = await connectPostgres({
    url: config.DATABASE_URL,
    applicationName: name,
    connectionsMax: 14,
  });
  const kafka = await connectKafka({
    brokers: config.KAFKA_BROKERS,
    administration: config.ADMINISTRATION,
    clientId: name,
    log: (level, message, fields) => logger[level](message, fields),
  });
  await kafka.ensureTopics(owned);
  const relay = startOutboxRelay({
    databaseUrl: config.DATABASE_URL,
    createProducer: () => kafka.producer(),
    heartbeats: {
      topics: owned,
      encode: (asOf, partition) => common.Heartbeat.encode({ asOf, partition }).finish(),
    },
    log: (message, fields) => logger.warn(message, fields),
  });
  const epoch = await readEpoch(database);
  const store = postgresOperatorStore(database, outboxWriter(owned, name), epoch);
  const app = createApp({ ...store, epoch, rules, now: () => new Date() });
  const server = await serveGrpc({
    port: config.GRPC_PORT,
    tls: loadTls(config.TLS_DIR, name),
    services: app.services,
  });
  return { grpcPort: server.port, parts: [server, relay, kafka, database] };
}
