import { fileURLToPath } from 'node:url';
import { startInfrastructure } from '@aeo/platform/infrastructure';
import { readEpoch } from '@aeo/platform/epoch';
import { startRetention } from '@aeo/platform/retention';
import { bindRoutes, bindUpload, openApiOf } from '@aeo/platform/http';
import { stopAll, type Stoppable } from '@aeo/platform/lifecycle';
import type { Logger } from '@aeo/platform/logger';
import { serveAll } from '@aeo/platform/serving';
import { common, protoFolder, topics } from '@aeo/proto';
import { deleteOldAnswers } from './adapters/retention.postgres.ts';
import { postgresEvidenceStore } from './adapters/evidence-store.postgres.ts';
import { postgresOperatorStore } from './adapters/operator-store.postgres.ts';
import { requireUnchangedProgrammes } from './adapters/programmes-in-use.postgres.ts';
import { createApp } from './app.ts';
import { deadlineActor, startDeadlineScheduler } from './application/deadline-scheduler.ts';
import { nextDeadline } from './domain/deadlines/process-deadlines.ts';
import { certificateRoles } from './edge/callers.ts';
import type { Config } from './config.ts';
import { watchOwnStatus } from './adapters/published-status.kafka.ts';
import { loadRules } from './adapters/rules-files.ts';
import { raiseOperatorStatusEpoch } from './adapters/status-epoch.postgres.ts';

const name = 'aeo-registry';
const owned = [topics.operatorStatus, topics.registryHead];
const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export type RunningService = { grpcPort: number; httpPort: number; parts: Stoppable[] };

/** Starts the service; its parts are listed in the order in which they must be stopped. */
export async function startService(config: Config, logger: Logger): Promise<RunningService> {
  const rules = loadRules();
  const infrastructure = await startInfrastructure({
    service: name,
    administration: config.ADMINISTRATION,
    databaseUrl: config.DATABASE_URL,
    brokers: config.KAFKA_BROKERS,
    replication: config.TOPIC_REPLICATION,
    migrations: folder('../migrations'),
    owned,
    read: [topics.control],
    encodeHeartbeat: (asOf, partition) => common.Heartbeat.encode({ asOf, partition }).finish(),
    proof: {
      keyFile: config.PROOF_KEY_FILE,
      topic: topics.registryHead.name,
      encode: (head) => common.SealedHead.encode(head).finish(),
    },
    beforePublishing: (started) => raiseOperatorStatusEpoch({ ...started, ...rules, logger }),
    connectionsMax: 14,
    logger,
  });
  const { database, append, kafka } = infrastructure;
  await requireUnchangedProgrammes(database, rules.programmes).catch(async (error: unknown) => {
    await stopAll(infrastructure.parts);
    throw error;
  });
  const epoch = await readEpoch(database);
  const store = postgresOperatorStore(database, append, epoch, {
    nextDeadline: (state, now) => nextDeadline(state, { ...rules, now, actor: deadlineActor }),
    programmes: rules.programmes,
  });
  const app = createApp({ ...store, evidence: postgresEvidenceStore(database), epoch, rules });
  const serving = await serveAll({
    service: name,
    config,
    services: app.services,
    protoFolder,
    logger,
    certificateRoles,
    routes: (router) => {
      for (const upload of app.uploads) bindUpload(router, upload);
      bindRoutes(app.routes)(router);
    },
    openApi: openApiOf(name, [...app.routes, ...app.uploads], protoFolder),
    unready: () => kafka.unready(),
  });
  // Deadlines do not wait for Kafka, where it takes seconds to replace a group member that was killed.
  const deadlines = startDeadlineScheduler({ ...store, epoch, rules }, logger);
  const ownStatus = await watchOwnStatus({ ...infrastructure, ...rules, epoch, logger });
  const intake = await kafka.consume({ group: `${name}.controls`, consumers: app.consumers });
  const retention = startRetention(
    () => deleteOldAnswers(database),
    (message, fields) => logger.warn(message, fields),
  );
  return {
    ...serving,
    parts: [...serving.parts, intake, ownStatus, deadlines, retention, ...infrastructure.parts],
  };
}
