import { fileURLToPath } from 'node:url';
import { readEpoch } from '@aeo/platform/epoch';
import { AppError } from '@aeo/platform/errors';
import { startInfrastructure, type Infrastructure } from '@aeo/platform/infrastructure';
import { loadTls, serveGrpc } from '@aeo/platform/grpc';
import { httpApp, serveHttp } from '@aeo/platform/http';
import type { Stoppable } from '@aeo/platform/lifecycle';
import type { Logger } from '@aeo/platform/logger';
import type { Database } from '@aeo/platform/postgres';
import { identityOf } from '@aeo/platform/serving';
import { common, protoFolder, topics } from '@aeo/proto';
import { loadArrangement } from './adapters/arrangement-file.ts';
import { withArrangementIn } from './adapters/arrangement-transaction.postgres.ts';
import { postgresIssuedLists } from './adapters/issued-lists.postgres.ts';
import { postgresOutboxBacklog } from './adapters/outbox-backlog.postgres.ts';
import { httpsPartner } from './adapters/partner.https.ts';
import { watchOwnStatus } from './adapters/published-status.kafka.ts';
import { postgresReceivedLists } from './adapters/received-lists.postgres.ts';
import { fileSigner, verifyDetached } from './adapters/signatures.ts';
import { raisePartnerStatusEpoch } from './adapters/status-epoch.postgres.ts';
import { certificateRoles, createApp } from './app.ts';
import { completeOperators } from './application/issuing/complete-operators.ts';
import { publishOwed } from './application/publication/publish-owed.ts';
import { republishStatus } from './application/publication/republish-status.ts';
import { resumePublication } from './application/publication/resume-publication.ts';
import { startAgeing } from './application/receiving/age-absences.ts';
import { watchListAge } from './application/receiving/list-age.ts';
import type { Config } from './config.ts';
import type { Arrangement } from './domain/arrangement/arrangement.ts';
import { createOwnOperators } from './domain/list/own-operators.ts';
import { operatorStatus } from './edge/kafka/operator-status.ts';
import type { Ports } from './ports.ts';

const name = 'mutual-recognition';
const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export type RunningService = { grpcPort: number; httpPort: number; parts: Stoppable[] };

/** Starts the service; its parts are listed in the order in which they must be stopped. */
export async function startService(config: Config, logger: Logger): Promise<RunningService> {
  const arrangement = loadArrangement(folder('../arrangements'), config.ARRANGEMENT, config.ADMINISTRATION);
  const infrastructure = await startExchangeInfrastructure(config, arrangement, logger);
  const { database, kafka } = infrastructure;
  await database.query('INSERT INTO arrangement (arrangement_id) VALUES ($1) ON CONFLICT DO NOTHING', [
    arrangement.id,
  ]);
  const operators = createOwnOperators(topics.operatorStatus.partitions);
  const reader = await kafka.broadcast({
    topics: [topics.operatorStatus.name],
    onRecord: operatorStatus(operators, () =>
      logger.error('a status record cannot be read', { topic: topics.operatorStatus.name }),
    ),
  });
  const exchangeTls = loadTls(config.EXCHANGE_TLS_DIR, config.ADMINISTRATION);
  const ports: Ports = {
    ...(await storedLists(infrastructure, arrangement)),
    partner: config.PARTNER_URL ? httpsPartner(config.PARTNER_URL, arrangement, exchangeTls) : undefined,
    signer: fileSigner(config.SIGNING_KEY_FILE),
    verifySignature: verifyDetached,
    ownOperators: () => completeOperators(operators, () => clockOf(database)),
    onManySuspended: (rows) => logger.error('a list of the partner suspends very many operators', { rows }),
    now: () => new Date(),
  };
  const ownStatus = await watchOwnStatus(kafka, (key) => republishStatus(ports, key), logger);
  const app = createApp(ports);
  const tls = loadTls(config.TLS_DIR, name);
  const host = config.LISTEN_HOST;
  const server = await serveGrpc({
    host,
    port: config.GRPC_PORT,
    tls,
    services: app.services,
    protoFolder,
    identity: identityOf(config, certificateRoles),
  });
  const incomplete = () =>
    operators.completeUntilMs() === undefined ? ['no heartbeat of the registry was received'] : [];
  const http = await serveHttp(
    httpApp({ routes: app.routes, unready: () => [...kafka.unready(), ...incomplete()], logger }),
    { host, port: config.HTTP_PORT, tls: exchangeTls },
  );
  const background = [
    startAgeing({ ...ports, databaseNow: () => clockOf(database), everyMs: ageingEveryMs, logger }),
    resumePublication((signal) => publishOwed(ports, signal), logger),
    watchListAge(arrangement, ports.received.findInForce),
  ];
  const parts = [server, http, ...background, reader, ownStatus, ...infrastructure.parts];
  return { grpcPort: server.port, httpPort: http.port, parts };
}

/** The lists of an arrangement in the database, and the epoch under which they are published. */
async function storedLists({ database, append }: Infrastructure, arrangement: Arrangement) {
  return {
    arrangement,
    epoch: await readEpoch(database),
    withArrangement: withArrangementIn(database, append),
    outbox: postgresOutboxBacklog(database),
    received: postgresReceivedLists(database, arrangement.id),
    issued: postgresIssuedLists(database, arrangement.id),
  };
}

/** The exchange's database, its topics, and the proof of its lists. */
function startExchangeInfrastructure(
  config: Config,
  arrangement: Arrangement,
  logger: Logger,
): Promise<Infrastructure> {
  return startInfrastructure({
    service: name,
    administration: config.ADMINISTRATION,
    databaseUrl: config.DATABASE_URL,
    brokers: config.KAFKA_BROKERS,
    replication: config.TOPIC_REPLICATION,
    migrations: folder('../migrations'),
    owned: [topics.partnerStatus, topics.exchangeHead],
    read: [topics.operatorStatus],
    encodeHeartbeat: (asOf, partition) => common.Heartbeat.encode({ asOf, partition }).finish(),
    proof: {
      keyFile: config.PROOF_KEY_FILE,
      topic: topics.exchangeHead.name,
      encode: (head) => common.SealedHead.encode(head).finish(),
    },
    beforePublishing: (connected) => raisePartnerStatusEpoch({ ...connected, arrangement, logger }),
    statementTimeoutMs: 30_000,
    logger,
  });
}

const ageingEveryMs = 60_000;

async function clockOf(database: Database): Promise<Date> {
  const { rows } = await database.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  const now = rows[0]?.now;
  if (now === undefined)
    throw new AppError('unavailable', 'UNAVAILABLE', 'the database did not return its time');
  return now;
}
