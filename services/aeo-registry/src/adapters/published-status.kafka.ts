import type { Infrastructure } from '@aeo/platform/infrastructure';
import { watchOwnTopic, type IncomingRecord, type OwnTopicReader } from '@aeo/platform/kafka';
import type { Logger } from '@aeo/platform/logger';
import { heartbeatEventType, registryStatus, topics, type common } from '@aeo/proto';
import { completeOperator, type Operator } from '../domain/operator/operator.ts';
import { statusMessage, type SharingRules } from '../application/publication/status-message.ts';

type Settings = Pick<Infrastructure, 'kafka' | 'database' | 'append'> & {
  epoch: bigint;
  logger: Logger;
  programmes: SharingRules;
};

const topic = topics.operatorStatus.name;

/** Reads the operators' published statuses, and republishes the present one after an older version of it. */
export function watchOwnStatus({ kafka, logger, ...settings }: Settings): Promise<OwnTopicReader> {
  return watchOwnTopic(kafka, {
    topic,
    versionOf,
    isIncomplete,
    republish: (operatorId) => republish(settings, operatorId),
    log: (message, fields) => logger.warn(message, fields),
  });
}

/** The version of a record; heartbeats have none. Throws where the record cannot be read. */
export function versionOf({ headers, value }: IncomingRecord): common.StatusVersion | undefined {
  if (headers['event-type'] === heartbeatEventType) return undefined;
  return registryStatus.OperatorStatus.decode(value).version;
}

/** From before statuses had a sharing rule: partners do not receive it until it is published again. */
function isIncomplete({ headers, value }: IncomingRecord): boolean {
  if (headers['event-type'] === heartbeatEventType) return false;
  const { components } = registryStatus.OperatorStatus.decode(value);
  return components.some(({ sharing }) => sharing === registryStatus.Sharing.UNSPECIFIED);
}

/** Under the operator's lock, so that no version published after this one can be an older one. */
function republish(
  { database, append, epoch, programmes }: Omit<Settings, 'kafka' | 'logger'>,
  operatorId: string,
) {
  return database.transaction(async (transaction) => {
    const { rows } = await transaction.query<{ version: bigint; state: Operator }>(
      {
        name: 'operator-republish',
        text: 'SELECT version, state FROM operator WHERE operator_id = $1 FOR UPDATE',
      },
      [operatorId],
    );
    const [operator] = rows;
    if (operator === undefined) return;
    const version = { epoch, number: operator.version };
    const message = statusMessage(operatorId, completeOperator(operator.state), version, programmes);
    const value = registryStatus.OperatorStatus.encode(message).finish();
    await append(transaction, [{ topic, key: operatorId, value, eventType: 'StatusRepeated' }]);
  });
}
