import { observe } from '../metrics.ts';
import type { KafkaClient } from './client.ts';
import { deadLetterTopic } from './topics.ts';

export type Quarantine = {
  /** Asks the brokers again, soon: a record was set aside. */
  look: () => void;
  /** Records set aside, by the topic they came from; a topic is absent until the brokers have told of it. */
  depths: () => ReadonlyMap<string, number>;
  stop: () => Promise<void>;
};

const everyMs = 10_000;

/** Tells how many records lie in the dead-letter topics of some topics, whoever set them aside. */
export function watchQuarantine(
  { admin, prefix }: Pick<KafkaClient, 'admin' | 'prefix'>,
  topics: readonly string[],
): Quarantine {
  const depths = new Map<string, number>();
  const ask = async () => {
    for (const topic of topics) {
      const partitions = await admin.fetchTopicOffsets(prefix + deadLetterTopic(topic));
      const depth = partitions.reduce((sum, { high, low }) => sum + Number(BigInt(high) - BigInt(low)), 0);
      depths.set(topic, depth);
    }
  };
  let last: Promise<void> = Promise.resolve();
  let waits = false;
  // One at a time, and one that waits behind it, however many records are set aside meanwhile. Brokers that do not
  // answer leave what was told last.
  const look = () => {
    if (waits) return;
    waits = true;
    last = last.then(() => {
      waits = false;
      return ask().catch(() => undefined);
    });
  };
  look();
  const timer = setInterval(look, everyMs);
  const unobserve = observe('aeo.quarantine.depth', () =>
    [...depths].map(([topic, value]) => ({ value, attributes: { topic } })),
  );
  return {
    look,
    depths: () => depths,
    stop: async () => {
      clearInterval(timer);
      unobserve();
      await last;
    },
  };
}
