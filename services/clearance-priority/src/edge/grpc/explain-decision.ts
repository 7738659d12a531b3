import { AppError } from '@aeo/platform/errors';
import type { UnaryHandler } from '@aeo/platform/grpc';
import type { clearanceService } from '@aeo/proto';
import { explain } from '../../domain/decision/explain.ts';
import type { DecisionStore } from '../../ports.ts';
import { bounds, isWithin, patterns } from '../../application/declaration/declaration-rules.ts';
import { fieldProblems } from '@aeo/platform/field-problems';

/** The record of a decision with its reasons in words, for officers; traders never see why goods were selected. */
export const explainDecision =
  (
    store: Pick<DecisionStore, 'find'>,
  ): UnaryHandler<clearanceService.ExplainDecisionRequest, clearanceService.ExplainDecisionResponse> =>
  async ({ declarationId, version, revision }) => {
    const { check, refuseAny } = fieldProblems();
    check(patterns.declarationId.test(declarationId), 'declarationId', 'FIELD_FORMAT');
    check(isWithin(version, { ...bounds.version, minimum: 0 }), 'version', 'FIELD_RANGE');
    check(isWithin(revision, bounds.revision), 'revision', 'FIELD_RANGE');
    refuseAny();
    const recorded = await store.find(declarationId, version, revision);
    if (recorded === undefined)
      throw new AppError('not_found', 'NOT_FOUND', 'no decision on this declaration');
    const { decision, decidedAt } = recorded;
    return { decision, sentences: explain(decision), decidedAt };
  };
