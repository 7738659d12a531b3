export type Facts = { declarations: number; controls: number; findings: number; sizeClass: string };

export type Evaluate = (
  expression: string,
  facts: Record<string, string | number | undefined>,
) => {
  outcome: 'met' | 'not_met' | 'unknown';
  factsRead: string[];
};

export type Criterion = { id: string; expression: string; text: Record<string, string> };

export type Tier = { id: string; credits: Record<string, number>; criteria: Criterion[] };

/** Replaces one criterion of one tier where its condition is met. */
export type Overlay = { id: string; when: string; tier: string; criterion: Criterion };

/**
 * A programme as data. Tiers rise; credits are thousandths of the threshold by party role. After a revocation nobody
 * may apply again for the component before `reapplicationBarDays` days have passed.
 */
export type Programme = {
  id: string;
  version: number;
  label: string;
  component: string;
  purposes: string[];
  reapplicationBarDays: number;
  tiers: Tier[];
  overlays: Overlay[];
};

export type CriterionResult = {
  criterionId: string;
  tier: string;
  outcome: 'met' | 'not_met' | 'unknown';
  factsRead: string[];
  text: string;
};

export type Assessment = { tier: Tier | undefined; results: CriterionResult[] };

/** The highest tier all of whose criteria are met. What is unknown is not met: a benefit is never given on doubt. */
export function assess(programme: Programme, facts: Facts | undefined, evaluate: Evaluate): Assessment {
  const known = namedFacts(facts);
  const overlays = programme.overlays.filter(({ when }) => evaluate(when, known).outcome === 'met');
  const results: CriterionResult[] = [];
  let highest: Tier | undefined;
  for (const tier of programme.tiers) {
    const ofTier = tier.criteria.map((criterion) => {
      const overlay = overlays.find((each) => each.tier === tier.id && each.criterion.id === criterion.id);
      const { id, expression, text } = overlay?.criterion ?? criterion;
      return { criterionId: id, tier: tier.id, ...evaluate(expression, known), text: text['en'] ?? id };
    });
    results.push(...ofTier);
    if (ofTier.every(({ outcome }) => outcome === 'met')) highest = tier;
  }
  return { tier: highest, results };
}

/** Without controls there is no share of findings, and the rules see none. */
function namedFacts(facts: Facts | undefined): Record<string, string | number | undefined> {
  if (facts === undefined) return {};
  const findingsShare = facts.controls > 0 ? facts.findings / facts.controls : undefined;
  return { ...facts, findingsShare };
}
