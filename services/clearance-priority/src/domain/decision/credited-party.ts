import { common, type clearanceDecision } from '../vocabulary.ts';

/** Whose status counted in a decision; everything empty where none did. */
export type CreditedParty = {
  source: string;
  tier: string;
  role: common.PartyRole;
  operatorId: string;
  sizeClass: common.SizeClass;
};

const nobody: CreditedParty = {
  source: '',
  tier: '',
  role: common.PartyRole.UNSPECIFIED,
  operatorId: '',
  sizeClass: common.SizeClass.UNSPECIFIED,
};

export function creditedParty(decision: clearanceDecision.Decision): CreditedParty {
  const counted = decision.assessments.find(({ creditedMatch }) => creditedMatch >= 0);
  const match = counted && decision.matches[counted.creditedMatch];
  if (match === undefined) return nobody;
  const { source, tier, role, operatorId, sizeClass } = match;
  return { source, tier, role, operatorId, sizeClass };
}
