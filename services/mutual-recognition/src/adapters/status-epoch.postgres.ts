import { raiseEpochAfterRestore } from '@aeo/platform/epoch';
import type { Infrastructure } from '@aeo/platform/infrastructure';
import type { StatusVersion } from '@aeo/platform/kafka';
import type { Logger } from '@aeo/platform/logger';
import type { Transaction } from '@aeo/platform/postgres';
import { topics } from '@aeo/proto';
import { republishEverything } from '../application/publication/republish-status.ts';
import { activatedKey, membershipKey, suspensionKey } from '../application/publication/status-events.ts';
import type { Arrangement } from '../domain/arrangement/arrangement.ts';
import { arrangementTransaction } from './arrangement-transaction.postgres.ts';
import { versionOf } from './published-status.kafka.ts';

type RestoreCheck = Pick<Infrastructure, 'database' | 'kafka' | 'append'> & {
  arrangement: Arrangement;
  logger: Pick<Logger, 'warn'>;
};

const { name: topic, partitions } = topics.partnerStatus;

/**
 * Where the database was set back behind what it published, the epoch is raised and every record is published again
 * under it.
 */
export function raisePartnerStatusEpoch({
  database,
  kafka,
  append,
  arrangement,
  logger,
}: RestoreCheck): Promise<void> {
  return raiseEpochAfterRestore({
    database,
    kafka,
    topic,
    logger,
    versionOf: (record) => (record.key.split('/')[1] === arrangement.id ? versionOf(record) : undefined),
    held: (transaction, _, epoch) => storedVersions(transaction, arrangement.id, epoch),
    republish: (transaction, epoch, unknown) =>
      republishEverything(
        arrangementTransaction(transaction, arrangement.id, append),
        { arrangement, epoch },
        unknown,
      ),
  });
}

async function storedVersions(
  transaction: Transaction,
  id: string,
  epoch: bigint,
): Promise<Map<string, StatusVersion>> {
  const versions = new Map<string, StatusVersion>();
  const { rows: operators } = await transaction.query<{ id: string; version: bigint; suspension: bigint }>(
    `SELECT partner_operator_id AS id, version, suspension_version AS suspension FROM partner_operator
     WHERE arrangement_id = $1`,
    [id],
  );
  for (const operator of operators) {
    versions.set(membershipKey(id, operator.id), { epoch, number: operator.version });
    versions.set(suspensionKey(id, operator.id), { epoch, number: operator.suspension });
  }
  const sequence = await activatedSequence(transaction, id);
  for (let partition = 0; sequence !== undefined && partition < partitions; partition += 1)
    versions.set(activatedKey(id, partition), { epoch, number: sequence });
  return versions;
}

async function activatedSequence(transaction: Transaction, id: string): Promise<bigint | undefined> {
  const { rows } = await transaction.query<{ sequence: bigint | null }>(
    'SELECT max(sequence) AS sequence FROM list_received WHERE arrangement_id = $1 AND activated_at IS NOT NULL',
    [id],
  );
  return rows[0]?.sequence ?? undefined;
}
