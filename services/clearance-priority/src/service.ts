import { fileURLToPath } from 'node:url';
import { compileRule } from '@aeo/platform/cel';
import { databaseClock, type DatabaseClock } from '@aeo/platform/clock';
import { startInfrastructure, type Infrastructure } from '@aeo/platform/infrastructure';
import { grpcClient, loadTls } from '@aeo/platform/grpc';
import { bindRoutes, openApiOf } from '@aeo/platform/http';
import type { Stoppable } from '@aeo/platform/lifecycle';
import type { Logger } from '@aeo/platform/logger';
import { countOne } from '@aeo/platform/metrics';
import { connectCache, type Cache, type ConnectedCache } from '@aeo/platform/redis';
import { serveAll } from '@aeo/platform/serving';
import { common, protoFolder, riskService, topics } from '@aeo/proto';
import { postgresDecisionStore } from './adapters/decision-store.postgres.ts';
import { postgresLedgerCheck } from './adapters/ledger-check.postgres.ts';
import { grpcScorer } from './adapters/scorer.grpc.ts';
import { fileSnapshots } from './adapters/snapshot.file.ts';
import { redisSnapshots } from './adapters/snapshot.redis.ts';
import { fileSpool } from './adapters/spool.file.ts';
import { certificateRoles, createApp } from './app.ts';
import { keepClock } from './application/status-view/clock-keeper.ts';
import type { Config } from './config.ts';
import { createSuspensionIndex } from './domain/status-view/suspension-index.ts';
import { broadcastTopics } from './edge/kafka/status-records.ts';
import { createNodeState, staleSources, type NodeState } from './application/status-view/node-state.ts';
import { watchLedger } from './application/ledger/ledger-watch.ts';
import { createReadiness } from './application/status-view/readiness.ts';
import { startReassessment } from './application/reassessment/reassessment.ts';
import { observeNodeState } from './application/status-view/node-state-metrics.ts';
import { startStatusIntake, type IntakeSettings } from './edge/kafka/status-intake.ts';

const name = 'clearance-priority';
const owned = [topics.decision, topics.control, topics.clearanceHead];

export type RunningService = { grpcPort: number; httpPort: number; parts: Stoppable[] };

/** Starts the service; its parts are listed in the order in which they must be stopped. */
export async function startService(config: Config, logger: Logger): Promise<RunningService> {
  const foundation = await startInfrastructure({
    service: name,
    administration: config.ADMINISTRATION,
    databaseUrl: config.DATABASE_URL,
    brokers: config.KAFKA_BROKERS,
    replication: config.TOPIC_REPLICATION,
    migrations: fileURLToPath(new URL('../migrations', import.meta.url)),
    owned,
    read: [...broadcastTopics, topics.declarationLodged],
    encodeHeartbeat: (asOf, partition) => common.Heartbeat.encode({ asOf, partition }).finish(),
    proof: {
      keyFile: config.PROOF_KEY_FILE,
      topic: topics.clearanceHead.name,
      encode: (head) => common.SealedHead.encode(head).finish(),
    },
    connectionsMax: 10,
    statementTimeoutMs: 2_000,
    logger,
  });
  const { database, kafka } = foundation;
  const clock = databaseClock(() => performance.now());
  const clockKeeper = await keepClock(database, clock);
  const nodeState = nodeStateOf(config);
  const changed = new Set<string>();
  const suspensions = createSuspensionIndex(config.STATUS_AGE_MAX_MS);
  const intake = await startStatusIntake({
    kafka,
    nodeState,
    changed,
    suspensions,
    logger,
    owner: { administration: config.ADMINISTRATION, country: config.COUNTRY },
    snapshots: await snapshotsFor(config, foundation),
  });
  const cache = await cacheFor(config, foundation);
  const deciding = createDeciding(config, { foundation, clock, nodeState, changed, logger, cache });
  const serving = await serveAll({
    service: name,
    config,
    services: deciding.app.services,
    protoFolder,
    logger,
    certificateRoles,
    routes: bindRoutes(deciding.app.routes),
    openApi: openApiOf(name, deciding.app.routes, protoFolder),
    unready: createReadiness({ nodeState, clock, statusAgeMaxMs: config.STATUS_AGE_MAX_MS }),
  });
  const lodged = await kafka.consume({ group: `${name}.lodged`, consumers: deciding.app.consumers });
  const watching = [
    observeNodeState(nodeState, clock),
    watchLedger({
      ...postgresLedgerCheck(database),
      written: () => kafka.written(topics.decision.name),
      suspensions,
      logger,
    }),
  ];
  const standing = [...watching, ...intake, clockKeeper, ...foundation.parts];
  return { ...serving, parts: [...serving.parts, lodged, ...deciding.parts, ...standing] };
}

function nodeStateOf({ COUNTRY: country }: Config): NodeState {
  return createNodeState({
    country,
    partitions: { registry: topics.operatorStatus.partitions, exchange: topics.partnerStatus.partitions },
    compile: compileRule,
  });
}

type Connections = {
  foundation: Infrastructure;
  clock: DatabaseClock;
  nodeState: NodeState;
  changed: Set<string>;
  logger: Logger;
  cache: Cache | undefined;
};

/** A cache for this very database. */
async function cacheFor(
  { REDIS_URL: url, ADMINISTRATION: administration }: Config,
  { database }: Infrastructure,
  timeoutMs?: number,
): Promise<ConnectedCache | undefined> {
  if (url === undefined) return undefined;
  const { rows } = await database.query<{ id: string }>('SELECT id FROM cache_namespace');
  const settings = { url, administration, namespace: rows[0]?.id ?? '' };
  return connectCache(timeoutMs === undefined ? settings : { ...settings, timeoutMs });
}

/** The second copy of a snapshot takes this many bytes at most, twice. */
const copyBytesMax = 100_000_000;
const copyTimeoutMs = 2_000;

/** A connection of its own for the second copy: half a megabyte takes longer than a retry may wait. */
async function snapshotsFor(
  config: Config,
  foundation: Infrastructure,
): Promise<IntakeSettings['snapshots'] | undefined> {
  const { SNAPSHOT_DIR: directory, SNAPSHOT_EVERY_MS: everyMs } = config;
  if (directory === undefined) return undefined;
  const cache = await cacheFor(config, foundation, copyTimeoutMs);
  await cache?.connected(copyTimeoutMs);
  const copy =
    cache && redisSnapshots(cache, { bytesMax: copyBytesMax, freshMs: everyMs / 2, now: () => Date.now() });
  return {
    everyMs,
    stores: [fileSnapshots(directory), ...(copy ? [copy] : [])],
    parts: cache ? [cache] : [],
  };
}

function createDeciding(
  config: Config,
  { foundation, clock, nodeState, changed, logger, cache }: Connections,
) {
  const client = grpcClient(riskService.RiskServiceClient, {
    address: config.RISK_ADDRESS,
    tls: loadTls(config.TLS_DIR, name),
  });
  const scorer = grpcScorer(client);
  const statusAgeMaxMs = config.STATUS_AGE_MAX_MS;
  const store = postgresDecisionStore({
    database: foundation.database,
    clock,
    monotonicMs: () => performance.now(),
    statusAgeMaxMs,
    outboxRow: foundation.outboxRow,
  });
  const spool = fileSpool(config.SPOOL_DIR);
  const settings = {
    drawMasterKey: config.DRAW_MASTER_KEY,
    floorPpm: config.FLOOR_PPM,
    statusAgeMaxMs,
    scoreTimeoutMs: config.SCORE_TIMEOUT_MS,
  };
  const onUnrecorded = (code: string, reason: string, rows: number) =>
    logger.error('declarations are decided without a record', { code, reason, rows });
  const onAnsweredWithoutRecord = () => countOne('aeo.decision.unrecorded', {});
  const onNotSpooled = (reason: string) =>
    logger.error('declarations decided without a record cannot be spooled', { reason });
  const callbacks = { onUnrecorded, onNotSpooled, onAnsweredWithoutRecord };
  const app = createApp({ store, scorer, spool, clock, nodeState, ...callbacks, settings }, cache);
  const reassessment = startReassessment({
    batcher: app.batcher,
    store,
    spool,
    databaseNow: () => {
      const reading = clock.read();
      return reading && new Date(reading.nowMs);
    },
    registryFresh: () => !staleSources(nodeState, clock.read(), statusAgeMaxMs).has('registry'),
    changed,
    logger,
  });
  return { app, parts: [reassessment, scorer, client, ...(cache ? [cache] : [])] };
}
