import { setTimeout as pause } from 'node:timers/promises';
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
  if (topics.length > 0)
    await connection.admin.createTopics({ topics, waitForLeaders: false }).catch(rethrow);
  for (const { topic } of all) await untilServed(connection, topic);
}

const servedBoundMs = 15_000;

/**
 * For a moment after it has created a topic, longer on a busy machine, a broker may say that it does not host it or
 * does not lead it. kafkajs' own wait for leaders takes the first answer for final, so this asks for the offsets of
 * every partition until they come.
 */
async function untilServed({ admin }: Connection, topic: string): Promise<void> {
  const endMs = Date.now() + servedBoundMs;
  for (;;) {
    try {
      await admin.fetchTopicOffsets(topic);
      return;
    } catch (error) {
      if (Date.now() > endMs) rethrow(error);
      await pause(50);
    }
  }
}

function entries(config: Record<string, string>): { name: string; value: string }[] {
  return Object.entries(config).map(([name, value]) => ({ name, value }));
}

function rethrow(error: unknown): never {
  throw kafkaError(error);
}
