import type { Connection } from './connection.ts';
import { kafkaError } from './connection.ts';

export type TopicSpecification = {
  name: string;
  partitions: number;
  compacted: boolean;
  config?: Readonly<Record<string, string>>;
};

/** Where records go that a consumer can never handle. */
export function deadLetterTopic(topic: string): string {
  return `${topic}.dlq`;
}

export async function ensureTopics(
  connection: Connection,
  wanted: readonly TopicSpecification[],
): Promise<void> {
  const present = new Set(await connection.admin.listTopics().catch(rethrow));
  const all = wanted.flatMap((topic) => [
    {
      topic: connection.prefix + topic.name,
      numPartitions: topic.partitions,
      configEntries: entries({ 'cleanup.policy': topic.compacted ? 'compact' : 'delete', ...topic.config }),
    },
    { topic: connection.prefix + deadLetterTopic(topic.name), numPartitions: 1, configEntries: [] },
  ]);
  const topics = all.filter(({ topic }) => !present.has(topic));
  if (topics.length > 0) await connection.admin.createTopics({ topics, waitForLeaders: true }).catch(rethrow);
}

function entries(config: Record<string, string>): { name: string; value: string }[] {
  return Object.entries(config).map(([name, value]) => ({ name, value }));
}

function rethrow(error: unknown): never {
  throw kafkaError(error);
}
