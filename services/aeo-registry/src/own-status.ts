import type { Foundation } from '@aeo/platform/foundation';
import { watchOwnTopic, type IncomingRecord, type OwnTopicReader } from '@aeo/platform/kafka';
import type { Logger } from '@aeo/platform/logger';
import { heartbeatEventType, registryStatus, topics, type common } from '@aeo/proto';
import { completeOperator, type Operator } from './domain/operator.ts';
import { statusMessage } from './status-message.ts';

type Settings = Pick<Foundation, 'kafka' | 'database' | 'append'> & {
  epoch: bigint;
  logger: Logger;
};

const topic = topics.operatorStatus.name;

/** Reads the operators' statuses back as they were published, and says again what an older version has covered. */
export function watchOwnStatus({ kafka, logger, ...settings }: Settings): Promise<OwnTopicReader> {
  return watchOwnTopic(kafka, {
    topic,
    versionOf,
    republish: (operatorId) => republish(settings, operatorId),
    log: (message, fields) => logger.warn(message, fields),
  });
}

/** The version of a record; heartbeats have none. Throws where the record cannot be read. */
export function versionOf({ headers, value }: IncomingRecord): common.StatusVersion | undefined {
  if (headers['event-type'] === heartbeatEventType) return undefined;
  return registryStatus.OperatorStatus.decode(value).version;
}

/** Under the operator's lock, so that no version published after this one can be an older one. */
function republish({ database, append, epoch }: Omit<Settings, 'kafka' | 'logger'>, operatorId: string) {
  return database.transaction(async (transaction) => {
    const { rows } = await transaction.query<{ version: bigint; state: Operator }>(
      {
        name: 'operator-again',
        text: 'SELECT version, state FROM operator WHERE operator_id = $1 FOR UPDATE',
      },
      [operatorId],
    );
    const [operator] = rows;
    if (operator === undefined) return;
    const message = statusMessage(operatorId, completeOperator(operator.state), {
      epoch,
      number: operator.version,
    });
    const value = registryStatus.OperatorStatus.encode(message).finish();
    await append(transaction, [{ topic, key: operatorId, value, eventType: 'StatusRepeated' }]);
  });
}
