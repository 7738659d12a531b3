import type { IncomingRecord } from '@aeo/platform/kafka';
import { common, heartbeatEventType, registryStatus } from '@aeo/proto';
import type { OwnOperator, OwnOperators } from '../../domain/list/own-operators.ts';
import { ownOperatorOf } from '../../application/issuing/own-operator.ts';

/**
 * Follows our registry. A record that cannot be read blocks its operator until a newer one is read: it may have been a
 * suspension. Without a readable key it could belong to any operator, so its partition no longer counts as complete.
 * `onUnreadable` is called for either.
 */
export const operatorStatus =
  (operators: OwnOperators, onUnreadable: () => void) =>
  ({ headers, partition, key, value }: IncomingRecord): void => {
    if (headers['event-type'] === heartbeatEventType) {
      const asOf = decoded(() => common.Heartbeat.decode(value).asOf);
      if (asOf === undefined) onUnreadable();
      else operators.heartbeat(partition, asOf.getTime());
      return;
    }
    const operator = decoded(() => ownOperatorOf(registryStatus.OperatorStatus.decode(value)));
    if (isReadable(key) && operator?.operatorId === key) operators.update(operator);
    else {
      if (isReadable(key)) operators.block(key);
      else operators.freeze(partition);
      onUnreadable();
    }
  };

/** Bytes that are no text are read as the replacement character. */
function isReadable(key: string): boolean {
  return key !== '' && !key.includes('\uFFFD');
}

function decoded<Value extends OwnOperator | Date | undefined>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
