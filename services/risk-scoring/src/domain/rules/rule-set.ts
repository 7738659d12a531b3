/** A risk rule: its condition, its class, and its reasons as texts. */
export type RiskRule = {
  id: string;
  version: number;
  class: RuleClass;
  purpose: string;
  /** In CEL over the facts of one item. */
  expression: string;
  texts: Record<string, string>;
  /** In force from the first instant and before the last, ISO 8601; open where absent. */
  validFrom?: string | undefined;
  validUntil?: string | undefined;
};

export const ruleClasses = [
  'legal_control',
  'specific_threat',
  'document_check',
  'post_clearance_audit',
  'indicator',
] as const;

type RuleClass = (typeof ruleClasses)[number];

export type RuleSet = { id: string; version: number; rules: RiskRule[] };

export type RuleAnswer = { outcome: 'met' | 'not_met' | 'unknown'; factsRead: string[] };

export type RuleHit<Facts> = { rule: RiskRule; facts: Facts; factsRead: string[] };

/** Rules that act in every decision node, even while risk-scoring does not answer. */
export function isMandatory({ class: ruleClass }: Pick<RiskRule, 'class'>): boolean {
  return ruleClass === 'legal_control' || ruleClass === 'specific_threat';
}

/** The rules in force that are met by any item, each once. */
export function hitsOf<Facts>(
  rules: readonly { rule: RiskRule; evaluate: (facts: Facts) => RuleAnswer }[],
  items: readonly Facts[],
  at: Date,
): RuleHit<Facts>[] {
  return rules.flatMap(({ rule, evaluate }) => {
    if (!isInForce(rule, at)) return [];
    for (const facts of items) {
      const { outcome, factsRead } = evaluate(facts);
      if (outcome === 'met') return [{ rule, facts, factsRead }];
    }
    return [];
  });
}

function isInForce({ validFrom, validUntil }: RiskRule, at: Date): boolean {
  if (validFrom !== undefined && at < new Date(validFrom)) return false;
  return validUntil === undefined || at < new Date(validUntil);
}
