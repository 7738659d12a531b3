import { newId } from '../ids.ts';
import type { OutgoingRecord } from '../kafka.ts';

export type Heartbeats = {
  topics: readonly { name: string; partitions: number }[];
  encode: (asOf: Date, partition: number) => Uint8Array;
};

/** One record for each partition: every change committed before a time has been published. */
export function heartbeatsAt(asOf: Date, { topics, encode }: Heartbeats): OutgoingRecord[] {
  return topics.flatMap(({ name, partitions }) =>
    Array.from({ length: partitions }, (_, partition) => ({
      topic: name,
      partition,
      key: `heartbeat/${partition}`,
      value: encode(asOf, partition),
      headers: { 'event-id': newId(), 'event-type': 'heartbeat', 'occurred-at': asOf.toISOString() },
    })),
  );
}
