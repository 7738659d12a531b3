import { common } from '../vocabulary.ts';
import { partyMatch, type MatchedParty, type PartyMatch } from './match.ts';

type Known = Partial<Omit<PartyMatch, 'role' | 'identifier' | 'outcome'>>;

/**
 * The match of a party in good standing under the conditions its status carries. A condition that does not hold, that
 * cannot be checked here or that this version does not know takes every credit away.
 */
export function matchUnder(
  conditions: readonly common.BenefitCondition[],
  party: MatchedParty,
  known: Known,
): PartyMatch {
  const { MatchOutcome } = common;
  const unmetConditions = conditions.filter((condition) => !holds(condition, party));
  if (unmetConditions.length === 0) return partyMatch(party, MatchOutcome.MATCHED, known);
  const named = unmetConditions
    .map((condition) => outcomes[condition])
    .find((outcome) => outcome !== undefined);
  return partyMatch(party, named ?? MatchOutcome.MATCHED, { ...known, credits: [], unmetConditions });
}

/** Names and manifests are not before this service yet, so what depends on them does not hold. */
function holds(condition: common.BenefitCondition, party: MatchedParty): boolean {
  return condition === common.BenefitCondition.ACTIVATION_DECLARED && party.activationDeclared === true;
}

const outcomes: Record<number, common.MatchOutcome> = {
  [common.BenefitCondition.NAME_AGREES]: common.MatchOutcome.INCONSISTENT_NAME,
  [common.BenefitCondition.MANIFEST_AGREES]: common.MatchOutcome.MANIFEST_MISMATCH,
};
