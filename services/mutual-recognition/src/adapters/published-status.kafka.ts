import type { Kafka } from '@aeo/platform/kafka';
import { watchOwnTopic, type IncomingRecord, type OwnTopicReader } from '@aeo/platform/kafka';
import type { Logger } from '@aeo/platform/logger';
import { exchangeStatus, heartbeatEventType, topics, type common } from '@aeo/proto';

/** Reads the partner's statuses back as they were published; `republish` is called for a key that an older version covers. */
export function watchOwnStatus(
  kafka: Kafka,
  republish: (key: string) => Promise<void>,
  logger: Pick<Logger, 'warn'>,
): Promise<OwnTopicReader> {
  return watchOwnTopic(kafka, {
    topic: topics.partnerStatus.name,
    versionOf,
    republish,
    log: (message, fields) => logger.warn(message, fields),
  });
}

/** The version of a record; heartbeats have none. Throws where the record cannot be read. */
export function versionOf({ headers, value }: IncomingRecord): common.StatusVersion | undefined {
  if (headers['event-type'] === heartbeatEventType) return undefined;
  return exchangeStatus.PartnerStatus.decode(value).record?.value.version;
}
