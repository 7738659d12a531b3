import {
  common,
  itemFacts,
  type declaration,
  type ItemFacts,
  type riskService,
  type riskTables,
} from '../vocabulary.ts';
import { covers } from '../status-view/match.ts';

/** Compiles an expression; the rule answers for the facts of one item. */
export type CompileRule = (
  expression: string,
) => (facts: ItemFacts) => { outcome: string; factsRead: string[] };

/** The legal controls and specific threats, held in every node so that they act even without risk-scoring. */
export type MandatoryRules = {
  /** False where the version is not newer than the one held. Throws where the expression cannot be compiled. */
  apply(rule: riskTables.MandatoryRule): boolean;
  /** Rules in force at the instant that hit any item. A rule that cannot be answered asks for the documents. */
  hits(declared: declaration.Declaration, at: Date): riskService.RuleHit[];
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
    hits(declared, at) {
      const items = declared.items.map((item) => itemFacts(declared, item));
      return [...held.values()].flatMap((each) =>
        each.rule.withdrawn || !covers(each.rule.validity, at) ? [] : hitOf(each, items),
      );
    },
    setVersion: () => whole,
  };
}

function isNewer(rule: riskTables.MandatoryRule, before: riskTables.MandatoryRule): boolean {
  if (rule.setVersion !== before.setVersion) return rule.setVersion > before.setVersion;
  return rule.version > before.version;
}

function hitOf({ rule, evaluate }: Held, items: ItemFacts[]): riskService.RuleHit[] {
  const { ruleId, version, ruleClass, purpose } = rule;
  const answers = items.map((facts) => evaluate(facts));
  const met = answers.find(({ outcome }) => outcome === 'met');
  if (met !== undefined)
    return [
      { ruleId, version, ruleClass, purpose, factsRead: met.factsRead, unanswered: false, itemNumber: 0 },
    ];
  const unknown = answers.find(({ outcome }) => outcome === 'unknown');
  if (unknown === undefined) return [];
  const { DOCUMENT_CHECK } = common.RuleClass;
  const about = { ruleId, version, purpose, factsRead: unknown.factsRead, itemNumber: 0 };
  return [{ ...about, ruleClass: DOCUMENT_CHECK, unanswered: true }];
}
