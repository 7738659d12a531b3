import { setTimeout as pause } from 'node:timers/promises';
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
import { postgresIssuedLists } from './adapters/issued-lists.postgres.ts';
import { httpsPartner } from './adapters/partner.https.ts';
import { postgresReceivedLists } from './adapters/received-lists.postgres.ts';
import { listInForce } from './adapters/received-rows.postgres.ts';
import { fileSigner, verifyDetached } from './adapters/signatures.ts';
import { startAgeing } from './application/receiving/age-absences.ts';
import { certificateRoles, createApp } from './app.ts';
import type { Config } from './config.ts';
import { resumePublication } from './application/publication/resume-publication.ts';
import type { Arrangement } from './domain/arrangement/arrangement.ts';
import { createOwnOperators, type OwnOperators } from './domain/list/own-operators.ts';
import { operatorStatus } from './edge/kafka/operator-status.ts';
import { watchListAge } from './application/receiving/list-age.ts';
import { watchOwnStatus } from './adapters/published-status.kafka.ts';
import { raisePartnerStatusEpoch } from './adapters/status-epoch.postgres.ts';

const name = 'mutual-recognition';
const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export type RunningService = { grpcPort: number; httpPort: number; parts: Stoppable[] };

/** Starts the service; its parts are listed in the order in which they must be stopped. */
export async function startService(config: Config, logger: Logger): Promise<RunningService> {
  const arrangement = loadArrangement(folder('../arrangements'), config.ARRANGEMENT, config.ADMINISTRATION);
  const foundation = await layGround(config, arrangement, logger);
  const { database, append } = foundation;
  await database.query('INSERT INTO arrangement (arrangement_id) VALUES ($1) ON CONFLICT DO NOTHING', [
    arrangement.id,
  ]);
  const operators = createOwnOperators(topics.operatorStatus.partitions);
  const reader = await foundation.kafka.broadcast({
    topics: [topics.operatorStatus.name],
    onRecord: operatorStatus(operators, () =>
      logger.error('a status record cannot be read', { topic: topics.operatorStatus.name }),
    ),
  });
  const epoch = await readEpoch(database);
  const ownStatus = await watchOwnStatus({ ...foundation, arrangement, epoch, logger });
  const exchangeTls = loadTls(config.EXCHANGE_TLS_DIR, config.ADMINISTRATION);
  const received = postgresReceivedLists({
    database,
    append,
    arrangement,
    epoch,
    onManySuspended: (rows) => logger.error('a list of the partner suspends very many operators', { rows }),
  });
  const app = createApp({
    arrangement,
    partner: config.PARTNER_URL ? httpsPartner(config.PARTNER_URL, arrangement, exchangeTls) : undefined,
    signer: fileSigner(config.SIGNING_KEY_FILE),
    verifySignature: verifyDetached,
    received,
    issued: postgresIssuedLists(database, arrangement.id),
    ownOperators: () => completeOperators(database, operators),
    now: () => new Date(),
  });
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
  const unheard = () => (operators.asOfMs() === undefined ? ['the registry has not been heard'] : []);
  const unready = () => [...foundation.kafka.unready(), ...unheard()];
  const http = await serveHttp(httpApp({ routes: app.routes, unready, logger }), {
    host,
    port: config.HTTP_PORT,
    tls: exchangeTls,
  });
  const ageing = startAgeing({ received, now: () => clockOf(database), everyMs: ageingEveryMs, logger });
  const publication = resumePublication(received, logger);
  const listAge = watchListAge(arrangement, () => listInForce(database, arrangement.id));
  const parts = [server, http, ageing, publication, listAge, reader, ownStatus, ...foundation.parts];
  return { grpcPort: server.port, httpPort: http.port, parts };
}

/** Where the exchange stands: its database, its topics, and the proof of its lists. */
function layGround(config: Config, arrangement: Arrangement, logger: Logger): Promise<Infrastructure> {
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
    beforePublishing: (standing) => raisePartnerStatusEpoch({ ...standing, arrangement, logger }),
    statementTimeoutMs: 30_000,
    logger,
  });
}

const ageingEveryMs = 60_000;
const completeWaitMs = 10_000;

async function clockOf(database: Database): Promise<Date> {
  const { rows } = await database.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  const now = rows[0]?.now;
  if (now === undefined)
    throw new AppError('unavailable', 'UNAVAILABLE', 'the database did not tell the time');
  return now;
}

/** Waits until the status topic has told everything that was committed before now. */
async function completeOperators(database: Database, operators: OwnOperators) {
  const askedMs = (await clockOf(database)).getTime();
  for (const endMs = performance.now() + completeWaitMs; performance.now() < endMs; await pause(50)) {
    if ((operators.asOfMs() ?? 0) >= askedMs) return operators.readable();
  }
  throw new AppError('unavailable', 'STALE', 'the registry has not been heard for too long');
}
