import type { IncomingRecord } from '@aeo/platform/kafka';
import { common, heartbeatEventType, registryStatus } from '@aeo/proto';
import type { OwnOperators } from '../domain/own-operators.ts';
import { ownOperatorOf } from '../status-messages.ts';

/** Follows our registry. A record that cannot be read leaves the operator as it was and is told to `onUnreadable`. */
export const operatorStatus =
  (operators: OwnOperators, onUnreadable: () => void) =>
  ({ headers, partition, value }: IncomingRecord): void => {
    try {
      if (headers['event-type'] === heartbeatEventType) {
        const { asOf } = common.Heartbeat.decode(value);
        if (asOf !== undefined) operators.heartbeat(partition, asOf.getTime());
      } else operators.apply(ownOperatorOf(registryStatus.OperatorStatus.decode(value)));
    } catch {
      onUnreadable();
    }
  };
