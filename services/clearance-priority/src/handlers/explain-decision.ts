import { AppError } from '@aeo/platform/errors';
import type { UnaryHandler } from '@aeo/platform/grpc';
import type { clearanceService } from '@aeo/proto';
import { clearanceDecision } from '@aeo/proto';
import { explain } from '../domain/decision/explain.ts';
import type { DecisionStore } from '../ports.ts';

/** The record of a decision with its reasons in words, for officers; traders never see why goods were selected. */
export const explainDecision =
  (
    store: Pick<DecisionStore, 'find'>,
  ): UnaryHandler<clearanceService.ExplainDecisionRequest, clearanceService.ExplainDecisionResponse> =>
  async ({ declarationId, version, revision }) => {
    const recorded = await store.find(declarationId, version, revision);
    if (recorded === undefined)
      throw new AppError('not_found', 'NOT_FOUND', 'no decision on this declaration');
    const decision = clearanceDecision.Decision.decode(recorded.record);
    const { decidedAt } = recorded;
    return { decision, sentences: explain(decision), decidedAt };
  };
