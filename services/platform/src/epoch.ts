import {
  aheadOf,
  nextEpoch,
  publishedVersions,
  type IncomingRecord,
  type Kafka,
  type StatusVersion,
} from './kafka.ts';
import type { Logger } from './logger.ts';
import type { Database, Queryable, Transaction } from './postgres.ts';

/** The epoch of a service's versions. Its table `epoch` gets a row whenever a restore raises it. */
export async function readEpoch(database: Queryable): Promise<bigint> {
  const { rows } = await database.query<{ number: bigint }>('SELECT max(number) AS number FROM epoch');
  return rows[0]?.number ?? 1n;
}

export type RestoreSettings = {
  database: Database;
  kafka: Pick<Kafka, 'broadcast'>;
  /** The service's own status topic. */
  topic: string;
  /** The version of a record; undefined for records that have none. It may throw. */
  versionOf: (record: IncomingRecord) => StatusVersion | undefined;
  /** The versions the database holds of the published keys, in the present epoch. */
  held: (
    transaction: Transaction,
    published: readonly string[],
    epoch: bigint,
  ) => Promise<Map<string, StatusVersion>>;
  /** Publishes the whole state again under the epoch, and withdraws the keys the database does not know any more. */
  republish: (transaction: Transaction, epoch: bigint, unknown: readonly string[]) => Promise<void>;
  logger: Pick<Logger, 'warn'>;
};

/**
 * Compares the database with what it published. Where the topic holds a version that the database has not reached, the
 * database was set back (a restore, a standby that lacked the last commits): its next records would count as older, a
 * suspension included. Then the epoch is raised above all published ones and the whole state is published again under
 * it. All of it is one transaction, before anything is published: no heartbeat states that lost commits are published.
 *
 * @throws AppError `unavailable` when no broker or no database answers
 */
export async function raiseEpochAfterRestore(settings: RestoreSettings): Promise<void> {
  const { database, kafka, topic, versionOf, held, republish, logger } = settings;
  const published = await publishedVersions(kafka, topic, versionOf);
  const rows = await database.transaction(async (transaction) => {
    // One instance at a time; the second one finds the epoch raised.
    await transaction.query('LOCK TABLE epoch IN EXCLUSIVE MODE');
    const present = await readEpoch(transaction);
    const known = await held(transaction, [...published.keys()], present);
    const ahead = aheadOf(published, known, present);
    if (ahead.length === 0) return 0;
    const epoch = nextEpoch(present, published);
    await transaction.query('INSERT INTO epoch (number) VALUES ($1)', [String(epoch)]);
    // Rows that wait there are of an earlier epoch.
    await transaction.query('DELETE FROM outbox WHERE topic = $1', [topic]);
    await republish(
      transaction,
      epoch,
      ahead.filter((key) => !known.has(key)),
    );
    return ahead.length;
  });
  if (rows > 0)
    logger.warn('the database was set back; its epoch is raised and its whole state is published again', {
      rows,
    });
}
