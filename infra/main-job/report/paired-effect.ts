import { common, type clearanceDecision } from '@aeo/proto';
import { bootstrapRatio, type Interval, type Pair } from './statistics.ts';

const { PartyRole, RuleClass } = common;
type Decision = clearanceDecision.Decision;

/** A recorded decision and what an inspection would have found; the latter is read for the final scoring only. */
export type ScoredDecision = { decision: Decision; finding: boolean };

export type PairedEffect = {
  status: string;
  party: string;
  scale: number;
  declarations: number;
  inspectedWith: number;
  inspectedWithout: number;
  ratio: number | null;
  ci95: Interval | null;
  missedFindings: number;
};

/** The party whose credit counted for a declaration, and its status: a tier at home, `partner` abroad. */
export type Credited = { status: string; party: string; operator: string; alone: boolean };

/**
 * Whether the goods would be inspected at this scale of the credits, from the record alone: mandatory rules,
 * then the draw, then base score less credit against the recorded threshold. Scale 0 is without any status.
 */
export function inspectedAt(decision: Decision, scale: number): boolean {
  const mandatory = decision.ruleHits.some(
    (hit) => hit.ruleClass === RuleClass.LEGAL_CONTROL || hit.ruleClass === RuleClass.SPECIFIC_THREAT,
  );
  if (mandatory || decision.draw?.selected === true) return true;
  return decision.assessments.some((assessment) => {
    const share = shareOf(decision, assessment);
    const credit = Math.floor((assessment.thresholdRed * share * scale) / 1000);
    return assessment.base - credit >= assessment.thresholdRed;
  });
}

function shareOf(decision: Decision, assessment: clearanceDecision.PurposeAssessment): number {
  const match = decision.matches[assessment.creditedMatch];
  const credit = match?.credits.find(
    ({ purpose, role }) => purpose === assessment.purpose && role === match.role,
  );
  return credit?.sharePermille ?? 0;
}

/** Undefined where no party's status counted. */
export function creditedParty(decision: Decision): Credited | undefined {
  const index = decision.assessments.find(({ creditedMatch }) => creditedMatch >= 0)?.creditedMatch;
  const match = index === undefined ? undefined : decision.matches[index];
  if (match === undefined) return undefined;
  const others = decision.matches.filter(
    (each) => each !== match && each.tier !== '' && each.credits.length > 0,
  );
  return {
    status: match.listSequence > 0n ? 'partner' : match.tier,
    party: partyNames[match.role] ?? 'other',
    operator: match.operatorId,
    alone: others.length === 0,
  };
}

const partyNames: Partial<Record<common.PartyRole, string>> = {
  [PartyRole.IMPORTER]: 'importer',
  [PartyRole.DECLARANT]: 'declarant',
  [PartyRole.SELLER]: 'seller',
};

const statuses = ['tier-1', 'tier-2', 'partner'];
const parties = ['all', 'importer', 'declarant', 'seller', 'importer-only', 'declarant-only'];
const scales = [0.5, 1, 1.5];

/** Every status × party × scale, none left out where empty. */
export function pairedEffects(scored: ScoredDecision[], seed: number): PairedEffect[] {
  const credited = scored.flatMap((each) => {
    const party = creditedParty(each.decision);
    return party === undefined ? [] : [{ ...each, credited: party }];
  });
  return statuses.flatMap((status) =>
    parties.flatMap((party) => {
      const group = credited.filter(
        (each) => each.credited.status === status && belongs(each.credited, party),
      );
      return scales.map((scale) => ({ status, party, scale, ...effectOf(group, scale, seed) }));
    }),
  );
}

function belongs(credited: Credited, party: string): boolean {
  if (party === 'all') return true;
  return party.endsWith('-only')
    ? credited.alone && credited.party === party.slice(0, -'-only'.length)
    : credited.party === party;
}

function effectOf(
  group: (ScoredDecision & { credited: Credited })[],
  scale: number,
  seed: number,
): Omit<PairedEffect, 'status' | 'party' | 'scale'> {
  const clusters = new Map<string, Pair>();
  const total = { inspectedWith: 0, inspectedWithout: 0, missedFindings: 0 };
  for (const { decision, finding, credited } of group) {
    const withStatus = inspectedAt(decision, scale);
    const withoutStatus = inspectedAt(decision, 0);
    const pair = clusters.get(credited.operator) ?? { inspectedWith: 0, inspectedWithout: 0 };
    pair.inspectedWith += Number(withStatus);
    pair.inspectedWithout += Number(withoutStatus);
    clusters.set(credited.operator, pair);
    total.inspectedWith += Number(withStatus);
    total.inspectedWithout += Number(withoutStatus);
    total.missedFindings += Number(finding && withoutStatus && !withStatus);
  }
  const ratio = total.inspectedWithout === 0 ? null : total.inspectedWith / total.inspectedWithout;
  return { declarations: group.length, ...total, ratio, ci95: bootstrapRatio([...clusters.values()], seed) };
}
