import { observe } from '../metrics.ts';
import { startPeriodic } from '../periodic.ts';
import type { KafkaClient } from './client.ts';
import { deadLetterTopic } from './topics.ts';

export type Quarantine = {
  /** Reads the depths again soon, since a record was set aside. */
  refresh: () => void;
  /** Records set aside, by the topic they came from; a topic is absent until its depth was read. */
  depths: () => ReadonlyMap<string, number>;
  stop: () => Promise<void>;
};

const everyMs = 10_000;

/** Follows how many records the dead-letter topics of some topics hold, whichever consumer set them aside. */
export function watchQuarantine(
  { admin, prefix }: Pick<KafkaClient, 'admin' | 'prefix'>,
  topics: readonly string[],
): Quarantine {
  const depths = new Map<string, number>();
  const readDepths = async () => {
    for (const topic of topics) {
      const partitions = await admin.fetchTopicOffsets(prefix + deadLetterTopic(topic));
      const depth = partitions.reduce((sum, { high, low }) => sum + Number(BigInt(high) - BigInt(low)), 0);
      depths.set(topic, depth);
    }
  };
  const reading = startPeriodic({
    name: 'quarantine',
    everyMs,
    firstMs: 0,
    round: readDepths,
    // While no broker answers, the depths read last stay.
    onError: () => undefined,
  });
  const unobserve = observe('aeo.quarantine.depth', () =>
    [...depths].map(([topic, value]) => ({ value, attributes: { topic } })),
  );
  return {
    refresh: () => reading.runSoon(),
    depths: () => depths,
    stop: async () => {
      unobserve();
      await reading.stop();
    },
  };
}
