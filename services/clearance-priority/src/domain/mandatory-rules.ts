import type { declaration, riskService, riskTables } from './vocabulary.ts';
import { itemFacts, type Facts } from './item-facts.ts';

/** Compiles an expression; the rule answers for the facts of one item. */
export type CompileRule = (expression: string) => (facts: Facts) => { outcome: string; factsRead: string[] };

/** The legal controls and specific threats, held in every node so that they act even without risk-scoring. */
export type MandatoryRules = {
  /** False where the version is not newer than the one held. Throws where the expression cannot be compiled. */
  apply(rule: riskTables.MandatoryRule): boolean;
  hits(declared: declaration.Declaration): riskService.RuleHit[];
  /** The version of a set that is held whole, 0 while none is. */
  setVersion(): number;
};

type Held = { rule: riskTables.MandatoryRule; evaluate: ReturnType<CompileRule> };

export function createMandatoryRules(compile: CompileRule): MandatoryRules {
  const held = new Map<string, Held>();
  let whole = 0;
  return {
    apply(rule) {
      const before = held.get(rule.ruleId)?.rule;
      if (before !== undefined && !isNewer(rule, before)) return false;
      held.set(rule.ruleId, { rule, evaluate: compile(rule.expression) });
      const members = [...held.values()].filter((each) => each.rule.setVersion === rule.setVersion);
      if (members.length >= rule.setSize) whole = Math.max(whole, rule.setVersion);
      return true;
    },
    hits(declared) {
      const items = declared.items.map((item) => itemFacts(declared, item));
      return [...held.values()].flatMap((each) => (each.rule.withdrawn ? [] : hitOf(each, items)));
    },
    setVersion: () => whole,
  };
}

function isNewer(rule: riskTables.MandatoryRule, before: riskTables.MandatoryRule): boolean {
  if (rule.setVersion !== before.setVersion) return rule.setVersion > before.setVersion;
  return rule.version > before.version;
}

function hitOf({ rule, evaluate }: Held, items: Facts[]): riskService.RuleHit[] {
  for (const facts of items) {
    const { outcome, factsRead } = evaluate(facts);
    if (outcome !== 'met') continue;
    const { ruleId, version, ruleClass, purpose } = rule;
    return [{ ruleId, version, ruleClass, purpose, factsRead }];
  }
  return [];
}
