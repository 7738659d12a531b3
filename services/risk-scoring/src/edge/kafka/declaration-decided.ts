import { consumerOf, type BoundConsumer } from '@aeo/platform/kafka';
import { clearanceDecision, topics } from '@aeo/proto';
import type { Ports } from '../../ports.ts';

/**
 * Keeps the base scores of decisions, for later thresholds. Probes are not real goods and are ignored; a decision
 * without a score has nothing to keep. A redelivery finds the score already stored.
 */
export const declarationDecided = (
  { recordScore }: Pick<Ports, 'recordScore'>,
  scored: () => void,
): BoundConsumer =>
  consumerOf({
    topic: topics.decision.name,
    decode: (value) => clearanceDecision.Decision.decode(value),
    handle: async ({ declarationId, office, declaredOn, probe, assessments }) => {
      if (probe) return;
      for (const { purpose, base, thresholdRed } of assessments) {
        const selected = base >= thresholdRed;
        await recordScore(purpose, { declarationId, office, declaredOn, base, selected });
        scored();
      }
    },
  });
