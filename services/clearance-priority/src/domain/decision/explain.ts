import { common } from '../vocabulary.ts';
import type { Decision } from './settle.ts';

/** Why a decision is as it is, one sentence for each thing that mattered, from its record alone. */
export function explain(decision: Decision): string[] {
  return [
    `Lane ${nameIn(common.Lane, decision.lane)}; without any status it would have been ${nameIn(common.Lane, decision.laneWithoutStatus)}.`,
    ...decision.ruleHits.map(ruleSentence),
    ...(decision.draw?.selected === true
      ? [
          `Drawn at random on ${decision.draw.day} with probability ${decision.draw.probabilityPpm} in a million.`,
        ]
      : []),
    ...decision.assessments.map((each) => assessmentSentence(decision, each)),
    ...decision.noBenefit.map((reason) => `No benefit: ${nameIn(common.NoBenefitReason, reason)}.`),
    ...decision.matches.map(
      (match) =>
        `The ${nameIn(common.PartyRole, match.role)} was ${nameIn(common.MatchOutcome, match.outcome)}${match.source === '' ? '' : ` by ${match.source}`}.`,
    ),
    ...(decision.provisional ? ['This decision is provisional and will be made again.'] : []),
  ];
}

function ruleSentence({ ruleId, version, ruleClass, unanswered }: Decision['ruleHits'][number]): string {
  const came = unanswered ? 'could not be answered for want of a fact' : 'was met';
  return `Rule ${ruleId}, version ${version} (${nameIn(common.RuleClass, ruleClass)}), ${came}.`;
}

function assessmentSentence(decision: Decision, each: Decision['assessments'][number]): string {
  const party = decision.matches[each.creditedMatch];
  const credit =
    party === undefined
      ? 'no credit'
      : `a credit of ${each.credit} for the ${nameIn(common.PartyRole, party.role)}`;
  return (
    `For ${nameIn(common.Purpose, each.purpose)} the score was ${each.base}, ${credit} left ${each.effective}, ` +
    `against ${each.thresholdRed} for inspection and ${each.thresholdYellow} for documents (table ${each.thresholdTableVersion}).`
  );
}

function nameIn(list: Record<string, number>, value: number): string {
  const name = Object.entries(list).find(([, number]) => number === value)?.[0] ?? `value ${value}`;
  return name.toLowerCase().replaceAll('_', ' ');
}
