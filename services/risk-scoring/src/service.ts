import { fileURLToPath } from 'node:url';
import { startRetention } from '@aeo/platform/retention';
import { startInfrastructure } from '@aeo/platform/infrastructure';
import type { Stoppable } from '@aeo/platform/lifecycle';
import type { Logger } from '@aeo/platform/logger';
import { serveAll } from '@aeo/platform/serving';
import { common, protoFolder, topics } from '@aeo/proto';
import { postgresFeedback } from './adapters/feedback.postgres.ts';
import { postgresRetention } from './adapters/retention.postgres.ts';
import { postgresHistory } from './adapters/history.postgres.ts';
import { postgresModelStore } from './adapters/model-store.postgres.ts';
import { loadRuleSet } from './adapters/rule-file.ts';
import { postgresRuleStore } from './adapters/rule-store.postgres.ts';
import { postgresThresholdStore } from './adapters/threshold-store.postgres.ts';
import { trainOnThread } from './adapters/train-on-thread.ts';
import { certificateRoles, createApp } from './app.ts';
import type { Config } from './config.ts';
import { retentionDays } from './application/retention.ts';
import { publishRuleSet } from './application/rules/publish-rule-set.ts';
import { compileRuleSet } from './application/rules/rule-messages.ts';
import { startThresholdLeader } from './application/thresholds/threshold-leader.ts';

const name = 'risk-scoring';
const owned = [topics.thresholdTable, topics.mandatoryRule];
const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export type RunningService = { grpcPort: number; httpPort: number; parts: Stoppable[] };

/** Starts the service; its parts are listed in the order in which they must be stopped. */
export async function startService(config: Config, logger: Logger): Promise<RunningService> {
  const infrastructure = await startInfrastructure({
    service: name,
    administration: config.ADMINISTRATION,
    databaseUrl: config.DATABASE_URL,
    brokers: config.KAFKA_BROKERS,
    replication: config.TOPIC_REPLICATION,
    migrations: folder('../migrations'),
    owned,
    read: [topics.decision, topics.control],
    encodeHeartbeat: (asOf, partition) => common.Heartbeat.encode({ asOf, partition }).finish(),
    statementTimeoutMs: 30_000,
    logger,
  });
  const { database, append, kafka } = infrastructure;
  const ruleSet = loadRuleSet(folder('../rules'), config.RULE_SET);
  const ports = {
    ...postgresHistory(database),
    ...postgresModelStore(database),
    ...postgresThresholdStore(database, append),
    ...postgresFeedback(database),
    ...postgresRetention(database),
    ...postgresRuleStore(database, append),
    train: trainOnThread,
    now: () => new Date(),
    monotonicMs: () => performance.now(),
  };
  await publishRuleSet(ports, ruleSet);
  const leader = startThresholdLeader({
    tryWithThresholds: ports.tryWithThresholds,
    everyMs: config.THRESHOLDS_EVERY_MS,
    now: ports.now,
    log: (message, fields) => logger.warn(message, fields),
  });
  const app = createApp({ ...ports, rules: compileRuleSet(ruleSet), scored: leader.scored });
  const serving = await serveAll({
    service: name,
    config,
    services: app.services,
    protoFolder,
    logger,
    certificateRoles,
    routes: () => undefined,
    unready: () => kafka.unready(),
  });
  const follower = await kafka.consume({ group: `${name}.outcomes`, consumers: app.consumers });
  const retention = startRetention(
    () => ports.deleteOld(retentionDays),
    (message, fields) => logger.warn(message, fields),
  );
  return { ...serving, parts: [...serving.parts, follower, leader, retention, ...infrastructure.parts] };
}
