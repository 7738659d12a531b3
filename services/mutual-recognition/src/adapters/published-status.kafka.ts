import type { Infrastructure } from '@aeo/platform/infrastructure';
import { watchOwnTopic, type IncomingRecord, type OwnTopicReader } from '@aeo/platform/kafka';
import type { Logger } from '@aeo/platform/logger';
import type { Transaction } from '@aeo/platform/postgres';
import { exchangeStatus, heartbeatEventType, topics, type common } from '@aeo/proto';
import { lockArrangement, publishChunk, type Publication } from './list-publication.postgres.ts';
import type { ListHeader } from '../domain/list/list.ts';
import { activatedMessage } from '../application/publication/status-messages.ts';

type Settings = Publication & Pick<Infrastructure, 'kafka'> & { logger: Logger };

const topic = topics.partnerStatus.name;

/** Reads the partner's statuses back as they were published, and says again what an older version has covered. */
export function watchOwnStatus({ kafka, logger, ...settings }: Settings): Promise<OwnTopicReader> {
  return watchOwnTopic(kafka, {
    topic,
    versionOf,
    republish: (key) => republish(settings, key),
    log: (message, fields) => logger.warn(message, fields),
  });
}

/** The version of a record; heartbeats have none. Throws where the record cannot be read. */
export function versionOf({ headers, value }: IncomingRecord): common.StatusVersion | undefined {
  if (headers['event-type'] === heartbeatEventType) return undefined;
  return exchangeStatus.PartnerStatus.decode(value).record?.value.version;
}

const owedColumns: Record<string, string> = { membership: 'membership_owed', suspension: 'suspension_owed' };

/** Under the arrangement's lock, so that no version published after this one can be an older one. */
function republish(settings: Publication, key: string): Promise<void> {
  const { database, arrangement } = settings;
  const [kind = '', arrangementId, ...rest] = key.split('/');
  return database.transaction(async (transaction) => {
    await lockArrangement(transaction, arrangement.id);
    if (arrangementId !== arrangement.id) return;
    if (kind === 'activated') return activateAgain(settings, transaction, key, Number(rest[0]));
    const owed = owedColumns[kind];
    if (owed === undefined) return;
    // As stored now, like everything that is owed to the topic.
    await transaction.query(
      `UPDATE partner_operator SET ${owed} = true WHERE arrangement_id = $1 AND partner_operator_id = $2`,
      [arrangement.id, rest.join('/')],
    );
    await publishChunk(settings, transaction);
  });
}

type ActivatedRow = { header: ListHeader; partition_counts: number[]; received_at: Date };

/** Says for one partition which list is in force. */
export async function activateAgain(
  { append, arrangement, epoch }: Publication,
  transaction: Transaction,
  key: string,
  partition: number,
): Promise<void> {
  const { rows } = await transaction.query<ActivatedRow>(
    `SELECT header, partition_counts, received_at FROM list_received
     WHERE arrangement_id = $1 AND activated_at IS NOT NULL ORDER BY sequence DESC LIMIT 1`,
    [arrangement.id],
  );
  const [list] = rows;
  const count = list?.partition_counts[partition];
  if (list === undefined || count === undefined) return;
  const signed = { header: list.header, receivedAt: list.received_at };
  const message = activatedMessage(signed, count, epoch, arrangement);
  const value = exchangeStatus.PartnerStatus.encode(message).finish();
  await append(transaction, [{ topic, key, value, partition, eventType: 'StatusRepeated' }]);
}
