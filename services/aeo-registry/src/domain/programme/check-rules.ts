import type { FactType } from './definition.ts';
import type { PredicateReader, Problem } from './problem.ts';
import type { ProgrammeDefinition } from './programme.ts';

type Rule = { path: string; rule: string; parameters: Record<string, number | string>; hasLookback: boolean };

/** Rules that cannot be read, that read what is not declared, and facts that are read and never asked for. */
export function ruleProblems(definition: ProgrammeDefinition, reader: PredicateReader): Problem[] {
  const facts = Object.fromEntries(definition.facts.map(({ id, type }): [string, FactType] => [id, type]));
  const problems: Problem[] = [];
  const read = new Set<string>();
  for (const { path, rule, parameters, hasLookback } of rulesIn(definition)) {
    const found = reader.problemsOf(rule, { facts, parameters });
    problems.push(...found.map((message) => ({ code: codeOf(message), path, message })));
    if (found.length > 0) continue;
    reader.factsNamedIn(rule).forEach((name) => read.add(name));
    if (/\blookback\b/.test(rule) !== hasLookback)
      problems.push({ code: 'RULE_NOT_VALID', path, message: 'reads a lookback if and only if it has one' });
    for (const name of Object.keys(parameters))
      if (!new RegExp(`\\bparameters\\.${name}\\b`).test(rule))
        problems.push({ code: 'NOT_USED', path, message: `the rule does not read parameters.${name}` });
  }
  return [...problems, ...neverAsked(definition, read)];
}

function codeOf(message: string): Problem['code'] {
  return /No such key|Unknown variable/.test(message) ? 'UNKNOWN_FACT' : 'RULE_NOT_VALID';
}

function rulesIn({ sizeClasses, criteria, questions, overlays }: ProgrammeDefinition): Rule[] {
  const plain = (path: string, rule: string): Rule => ({ path, rule, parameters: {}, hasLookback: false });
  const rules = [
    ...sizeClasses.map(({ id, rule }) => plain(`sizeClasses.${id}.rule`, rule)),
    ...criteria.map(({ id, rule, parameters = {}, lookback }) => ({
      ...{ path: `criteria.${id}.rule`, rule, parameters, hasLookback: lookback !== undefined },
    })),
    ...criteria.flatMap(({ id, evidence }) =>
      evidence.flatMap((way) =>
        way.when === undefined ? [] : [plain(`criteria.${id}.evidence.${way.id}.when`, way.when)],
      ),
    ),
    ...questions.flatMap(({ id, showIf }) =>
      showIf === undefined ? [] : [plain(`questions.${id}.showIf`, showIf)],
    ),
    ...overlays.map(({ id, when }) => plain(`overlays.${id}.when`, when)),
  ];
  return rules.filter(({ rule }) => rule !== 'unknown');
}

function neverAsked(
  { facts, questions, gradings }: ProgrammeDefinition,
  read: ReadonlySet<string>,
): Problem[] {
  const graded = new Set(gradings.map(({ fact }) => fact));
  return facts.flatMap(({ id, origin }): Problem[] => {
    const path = `facts.${id}`;
    const isAsked = questions.some(({ fact }) => fact === id);
    if (!read.has(id) && !isAsked && !graded.has(id))
      return [{ code: 'NOT_USED', path, message: 'no rule reads it and no question asks for it' }];
    if (origin === 'applicant' && !isAsked)
      return [{ code: 'FACT_NEVER_ASKED', path, message: 'no question asks the applicant for it' }];
    return [];
  });
}
