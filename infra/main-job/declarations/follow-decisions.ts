import { setTimeout as pause } from 'node:timers/promises';
import { connectKafka } from '@aeo/platform/kafka';
import { clearanceDecision, topics } from '@aeo/proto';
import type { Endpoints } from '../../local/stack-types.ts';
import { administration } from '../services/administrations.ts';

/** Reads decisions on their topic as a border post does: first ones and re-evaluated ones. */
export type DecisionFollower = {
  /** Called for an answer that is not recorded yet: its record will arrive by the topic. */
  awaitRecord(declarationId: string): void;
  /**
   * Fulfilled when every record awaited has come, and nothing for longer than a degraded decision rests before it is made
   * again; after two minutes in any case, and then the report says what is missing.
   */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
};

const quietMs = 2_500;
const caughtUpMaxMs = 120_000;

export async function followDecisions(
  { kafkaBrokers }: Pick<Endpoints, 'kafkaBrokers'>,
  onDecision: (decision: clearanceDecision.Decision) => void,
): Promise<DecisionFollower> {
  const kafka = await connectKafka({
    brokers: kafkaBrokers.split(','),
    administration,
    clientId: 'border-system',
    log: () => undefined,
  });
  const recorded = new Set<string>();
  const awaited = new Set<string>();
  let quietSinceMs = Date.now();
  const reader = await kafka.broadcast({
    topics: [topics.decision.name],
    onRecord: ({ key, value }) => {
      quietSinceMs = Date.now();
      recorded.add(key);
      awaited.delete(key);
      onDecision(clearanceDecision.Decision.decode(value));
    },
  });
  const busy = () => awaited.size > 0 || Date.now() - quietSinceMs < quietMs;
  return {
    awaitRecord: (declarationId) => {
      if (!recorded.has(declarationId)) awaited.add(declarationId);
    },
    caughtUp: async () => {
      for (const endMs = Date.now() + caughtUpMaxMs; busy() && Date.now() < endMs;) await pause(100);
    },
    stop: async () => {
      await reader.stop();
      await kafka.stop();
    },
  };
}
