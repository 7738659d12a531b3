import type { CriterionResult } from '../operator/operator.ts';
import type { CaseDecision } from '@aeo/programmes';

/** A decision as it is kept and answered: each criterion of each tier that was looked at. */
export function resultsOf({ criteria }: CaseDecision): CriterionResult[] {
  return criteria.map(({ criterion, tier, outcome, facts, requirement }) => ({
    criterionId: criterion,
    tier,
    outcome,
    factsRead: Object.keys(facts),
    text: requirement['en'] ?? criterion,
  }));
}
