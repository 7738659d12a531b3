import { connectKafka, type Kafka, type TopicSpecification } from './kafka.ts';
import type { Stoppable } from './lifecycle.ts';
import type { Logger } from './logger.ts';
import { migrate } from './migrations.ts';
import {
  outboxRows,
  outboxWriter,
  type AppendOutbox,
  type OutboxEvent,
  type OutboxRow,
} from './outbox/append.ts';
import { startOutboxRelay, type OutboxRelay } from './outbox/relay.ts';
import { connectPostgres, type Database } from './postgres.ts';
import { startSealer, type SealedHead } from './proof.ts';
import { fileSigningKey } from './signing-key.ts';

export type InfrastructureSettings = {
  service: string;
  administration: string;
  databaseUrl: string;
  brokers: string[];
  /** Copies of each topic that is created. */
  replication?: number | undefined;
  /** The folder of the service's SQL files. */
  migrations: string;
  /** Topics the service publishes to; those that ask for heartbeats get them. */
  owned: readonly (TopicSpecification & { heartbeats: boolean })[];
  /** Topics it only reads. */
  read?: readonly TopicSpecification[];
  encodeHeartbeat: (asOf: Date, partition: number) => Uint8Array;
  /** How the service's commitments are sealed: its key, the topic of the signed heads and their encoding. */
  proof?: { keyFile: string; topic: string; encode: (head: SealedHead) => Uint8Array };
  /** Runs once the topics exist and before anything is published. */
  beforePublishing?: (standing: Pick<Infrastructure, 'database' | 'kafka' | 'append'>) => Promise<void>;
  connectionsMax?: number;
  statementTimeoutMs?: number;
  logger: Logger;
};

export type Infrastructure = {
  database: Database;
  kafka: Kafka;
  append: AppendOutbox;
  /** For a statement of the service's own; such rows wait for the relay's poll, which reads many of them at once. */
  outboxRow: (event: OutboxEvent) => OutboxRow;
  /** In the order in which they must be stopped, after everything that uses them. */
  parts: Stoppable[];
};

/** What every service needs: a migrated database, the topics, and a relay that publishes its outbox. */
export async function startInfrastructure(settings: InfrastructureSettings): Promise<Infrastructure> {
  const { service, logger, owned } = settings;
  await migrate(settings.databaseUrl, settings.migrations);
  const database = await connectPostgres({
    url: settings.databaseUrl,
    applicationName: service,
    connectionsMax: settings.connectionsMax ?? 8,
    statementTimeoutMs: settings.statementTimeoutMs ?? 5_000,
  });
  const kafka = await connectKafka({
    brokers: settings.brokers,
    administration: settings.administration,
    clientId: service,
    replication: settings.replication,
    log: (level, message, fields) => logger[level](message, fields),
  });
  await kafka.ensureTopics([...owned, ...(settings.read ?? [])]);
  const publishing: { relay?: OutboxRelay } = {};
  const append = outboxWriter(owned, service, () => publishing.relay?.poke());
  await settings.beforePublishing?.({ database, kafka, append });
  const relay = (publishing.relay = startOutboxRelay({
    databaseUrl: settings.databaseUrl,
    createProducer: () => kafka.producer(),
    heartbeats: {
      topics: owned.filter(({ heartbeats }) => heartbeats),
      encode: settings.encodeHeartbeat,
    },
    log: (message, fields) => logger.warn(message, fields),
  }));
  const parts: Stoppable[] = [relay, kafka, database];
  if (settings.proof !== undefined) parts.unshift(sealerOf(settings.proof, { database, append, logger }));
  return { database, kafka, append, outboxRow: outboxRows(owned, service), parts };
}

function sealerOf(
  { keyFile, topic, encode }: NonNullable<InfrastructureSettings['proof']>,
  { database, append, logger }: Pick<Infrastructure, 'database' | 'append'> & { logger: Logger },
): Stoppable {
  return startSealer({
    database,
    key: fileSigningKey(keyFile),
    publish: (transaction, heads) =>
      append(
        transaction,
        heads.map((head) => ({
          topic,
          key: head.stream,
          value: encode(head),
          eventType: 'HeadSealed',
        })),
      ),
    log: (message, fields) => logger.warn(message, fields),
  });
}
