import { compileRule } from '@aeo/platform/cel';
import { common, itemFacts, riskService, riskTables, type declaration, type ItemFacts } from '@aeo/proto';
import { hitsOf, isMandatory, type RiskRule, type RuleSet } from '../../domain/rules/rule-set.ts';

const { Purpose, RuleClass } = common;

export const purposes: Record<string, common.Purpose> = {
  safety_security: Purpose.SAFETY_SECURITY,
  fiscal_compliance: Purpose.FISCAL_COMPLIANCE,
  other_legal: Purpose.OTHER_LEGAL,
};

const classes: Record<RiskRule['class'], common.RuleClass> = {
  legal_control: RuleClass.LEGAL_CONTROL,
  specific_threat: RuleClass.SPECIFIC_THREAT,
  document_check: RuleClass.DOCUMENT_CHECK,
  post_clearance_audit: RuleClass.POST_CLEARANCE_AUDIT,
  indicator: RuleClass.INDICATOR,
};

/** Compiles all rules of a set once; `hits` are those of a declaration as a score carries them. */
export function compileRuleSet({ version, rules }: RuleSet) {
  const compiled = rules.map((rule) => {
    const evaluate = compileRule(rule.expression);
    return { rule, evaluate: (facts: ItemFacts) => evaluate(facts) };
  });
  return {
    version,
    hits: (declared: declaration.Declaration, at: Date): riskService.RuleHit[] => {
      const items = declared.items.map((item) => itemFacts(declared, item));
      return hitsOf(compiled, items, at).map(({ rule, factsRead }) =>
        riskService.RuleHit.fromPartial({ ...namedOf(rule), factsRead }),
      );
    },
  };
}

export type CompiledRules = ReturnType<typeof compileRuleSet>;

/**
 * The mandatory rules of this set for the decision nodes, and the withdrawal of those published before that are no
 * longer among them.
 */
export function mandatoryMessages(set: RuleSet, before: readonly RiskRule[]): riskTables.MandatoryRule[] {
  const present = set.rules.filter(isMandatory);
  const ids = new Set(present.map(({ id }) => id));
  const gone = before.filter(({ id }) => !ids.has(id));
  const message = (rule: RiskRule, withdrawn: boolean) =>
    riskTables.MandatoryRule.fromPartial({
      ...namedOf(rule),
      expression: rule.expression,
      texts: Object.entries(rule.texts).map(([language, text]) => ({ language, text })),
      validity: { validFrom: dateOf(rule.validFrom), validUntil: dateOf(rule.validUntil) },
      withdrawn,
      setVersion: set.version,
      setSize: present.length + gone.length,
    });
  return [...present.map((rule) => message(rule, false)), ...gone.map((rule) => message(rule, true))];
}

const dateOf = (text: string | undefined) => (text === undefined ? undefined : new Date(text));

function namedOf({ id, version, class: ruleClass, purpose }: RiskRule) {
  return {
    ruleId: id,
    version,
    ruleClass: classes[ruleClass],
    purpose: purposes[purpose] ?? Purpose.UNSPECIFIED,
  };
}
