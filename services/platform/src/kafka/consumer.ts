import type { Stoppable } from '../lifecycle.ts';
import { observe } from '../metrics.ts';
import type { BoundConsumer } from './bound-consumer.ts';
import type { KafkaClient } from './client.ts';
import { createDeadLetters } from './dead-letters.ts';
import { createLag, slotsOf } from './lag.ts';
import { watchQuarantine } from './quarantine.ts';
import { readBatch, type BatchReading } from './read-batch.ts';
import { startReader } from './reader.ts';

export type ConsumeOptions = {
  group: string;
  consumers: readonly BoundConsumer[];
  sessionTimeoutMs?: number;
};

export type Subscription = Stoppable & {
  /** The age in seconds of the oldest record known to wait, 0 when none does; at least the time it has been down. */
  lagSeconds(): number;
  /** The number of dead letters by the topic they came from, as last read from the brokers. */
  deadLetters(): ReadonlyMap<string, number>;
};

/**
 * Reads as a member of a group. The offset is committed after the effects. `unavailable` pauses the partition and
 * retries until it succeeds; `conflict` is tried five times; anything else goes to the dead-letter topic at once.
 */
export async function consume(client: KafkaClient, options: ConsumeOptions): Promise<Subscription> {
  const { prefix } = client;
  const { group, consumers } = options;
  const deadLetters = createDeadLetters(client);
  const quarantine = watchQuarantine(
    client,
    consumers.map(({ topic }) => topic),
  );
  const lag = createLag();
  const reading: BatchReading = {
    group,
    consumers: new Map(consumers.map((each) => [prefix + each.topic, each])),
    deadLetters,
    quarantine,
    attempts: new Map(),
    lag,
    log: client.log,
  };
  const reader = await startReader(client, {
    name: `consumer ${group}`,
    groupId: prefix + group,
    topics: [...reading.consumers.keys()],
    ...(options.sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs: options.sessionTimeoutMs }),
    eachBatch: (payload) => readBatch(reading, payload),
    onJoin: (assignment) => lag.assigned(slotsOf(assignment)),
  });
  const lagSeconds = () => Math.max(lag.seconds(Date.now()), reader.downSeconds());
  const unobserve = observe('aeo.consumer.lag', () => [{ value: lagSeconds(), attributes: { group } }]);
  return {
    name: reader.name,
    lagSeconds,
    deadLetters: quarantine.depths,
    stop: async () => {
      unobserve();
      await reader.stop();
      await quarantine.stop();
      await deadLetters.stop();
    },
  };
}
