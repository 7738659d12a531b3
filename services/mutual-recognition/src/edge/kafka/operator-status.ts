import type { IncomingRecord } from '@aeo/platform/kafka';
import { common, heartbeatEventType, registryStatus } from '@aeo/proto';
import type { OwnOperator, OwnOperators } from '../../domain/list/own-operators.ts';
import { ownOperatorOf } from '../../application/publication/status-messages.ts';

/**
 * Follows our registry. A record that cannot be read blocks its operator until a newer one is read: what it said may
 * have been a suspension. Without a readable key it could be anybody's, so its partition counts as complete no more.
 * Either is told to `onUnreadable`.
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
    if (isReadable(key) && operator?.operatorId === key) operators.apply(operator);
    else {
      if (isReadable(key)) operators.block(key);
      else operators.freeze(partition);
      onUnreadable();
    }
  };

/** Bytes that are no text come as the replacement character. */
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
