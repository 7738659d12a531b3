import { raiseEpochAfterRestore } from '@aeo/platform/epoch';
import type { Infrastructure } from '@aeo/platform/infrastructure';
import type { StatusVersion } from '@aeo/platform/kafka';
import type { Logger } from '@aeo/platform/logger';
import type { OutboxEvent } from '@aeo/platform/outbox';
import type { Transaction } from '@aeo/platform/postgres';
import { exchangeStatus, topics } from '@aeo/proto';
import { publishChunk, type Publication } from './list-publication.postgres.ts';
import type { Arrangement } from '../domain/arrangement/arrangement.ts';
import { activateAgain, versionOf } from './published-status.kafka.ts';
import {
  membershipKey,
  suspensionKey,
  activatedKey,
  withdrawnList,
  withdrawnMember,
} from '../application/publication/status-messages.ts';

type Standing = Pick<Infrastructure, 'database' | 'kafka' | 'append'> & {
  arrangement: Arrangement;
  logger: Pick<Logger, 'warn'>;
};

const { name: topic, partitions } = topics.partnerStatus;

/**
 * Where the database was set back behind what it published, the epoch is raised and every record is said again under
 * it: suspensions, memberships, the activation of the list in force. Members the database does not know any more leave
 * every list; a suspension it does not know stands, until the partner's next list says otherwise.
 */
export function raisePartnerStatusEpoch({ kafka, logger, ...standing }: Standing): Promise<void> {
  const { database, arrangement } = standing;
  return raiseEpochAfterRestore({
    database,
    kafka,
    topic,
    logger,
    versionOf: (record) => (record.key.split('/')[1] === arrangement.id ? versionOf(record) : undefined),
    held: (transaction, _, epoch) => heldVersions(transaction, arrangement.id, epoch),
    republish: (transaction, epoch, unknown) => sayAgain({ ...standing, epoch }, transaction, unknown),
  });
}

async function heldVersions(
  transaction: Transaction,
  id: string,
  epoch: bigint,
): Promise<Map<string, StatusVersion>> {
  const held = new Map<string, StatusVersion>();
  const { rows: operators } = await transaction.query<{ id: string; version: bigint; suspension: bigint }>(
    `SELECT partner_operator_id AS id, version, suspension_version AS suspension FROM partner_operator
     WHERE arrangement_id = $1`,
    [id],
  );
  for (const operator of operators) {
    held.set(membershipKey(id, operator.id), { epoch, number: operator.version });
    held.set(suspensionKey(id, operator.id), { epoch, number: operator.suspension });
  }
  const sequence = await activatedSequence(transaction, id);
  for (let partition = 0; sequence !== undefined && partition < partitions; partition += 1)
    held.set(activatedKey(id, partition), { epoch, number: sequence });
  return held;
}

async function activatedSequence(transaction: Transaction, id: string): Promise<bigint | undefined> {
  const { rows } = await transaction.query<{ sequence: bigint | null }>(
    'SELECT max(sequence) AS sequence FROM list_received WHERE arrangement_id = $1 AND activated_at IS NOT NULL',
    [id],
  );
  return rows[0]?.sequence ?? undefined;
}

async function sayAgain(
  publication: Publication,
  transaction: Transaction,
  unknown: readonly string[],
): Promise<void> {
  const { arrangement, append, epoch } = publication;
  const { id } = arrangement;
  await transaction.query(
    `UPDATE partner_operator SET membership_owed = true, suspension_owed = suspension_version > 0
     WHERE arrangement_id = $1`,
    [id],
  );
  while ((await publishChunk(publication, transaction)) > 0);
  const sequence = await activatedSequence(transaction, id);
  const members = unknown.filter((key) => key.startsWith('membership/'));
  const gone = members.map((key) =>
    event(
      key,
      withdrawnMember({ arrangementId: id, epoch }, key.split('/').slice(2).join('/'), sequence ?? 0n),
    ),
  );
  for (let start = 0; start < gone.length; start += pageRows)
    await append(transaction, gone.slice(start, start + pageRows));
  for (let partition = 0; partition < partitions; partition += 1) {
    const key = activatedKey(id, partition);
    if (sequence !== undefined) await activateAgain(publication, transaction, key, partition);
    else if (unknown.includes(key))
      await append(transaction, [{ ...event(key, withdrawnList(arrangement, epoch)), partition }]);
  }
}

const pageRows = 1_000;

function event(key: string, message: exchangeStatus.PartnerStatus): OutboxEvent {
  const value = exchangeStatus.PartnerStatus.encode(message).finish();
  return { topic, key, value, eventType: 'StatusRepeated' };
}
