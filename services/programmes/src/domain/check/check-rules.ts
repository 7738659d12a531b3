import type { FactType } from '../definition/definition.ts';
import type { PredicateReader, Problem } from './problem.ts';
import type { ProgrammeDefinition } from '../definition/programme.ts';

type Rule = { path: string; rule: string; parameters: Record<string, number | string>; hasLookback: boolean };

/** Rules that cannot be read, that read what is not declared, and facts that are read and never asked for. */
export function ruleProblems(definition: ProgrammeDefinition, reader: PredicateReader): Problem[] {
  const facts = Object.fromEntries(definition.facts.map(({ id, type }): [string, FactType] => [id, type]));
  const problems: Problem[] = [];
  const read = new Set<string>();
  let isBroken = false;
  for (const { path, rule, parameters, hasLookback } of rulesIn(definition)) {
    const found = reader.problemsOf(rule, { facts, parameters });
    problems.push(...found.map((message) => ({ code: codeOf(message), path, message })));
    if (found.length > 0) {
      isBroken = true;
      continue;
    }
    problems.push(
      ...comparedWithNothing(definition, reader.comparisonsIn(rule)).map((message) =>
        problemAt(path, message),
      ),
    );
    reader.factsNamedIn(rule).forEach((name) => read.add(name));
    const reads = reader.readsVariable(rule, 'lookback');
    if (reads && !hasLookback) problems.push(problemAt(path, 'reads lookback, and there is none here'));
    if (!reads && hasLookback) problems.push(problemAt(path, 'does not read its lookback'));
    const used = reader.namedIn(rule, 'parameters');
    for (const name of Object.keys(parameters))
      if (!used.includes(name))
        problems.push({ code: 'NOT_USED', path, message: `the rule does not read parameters.${name}` });
  }
  // What a rule reads that cannot be read is not known.
  const idle = neverAsked(definition, read).filter(({ code }) => !isBroken || code !== 'NOT_USED');
  return [...problems, ...ofThemselves(definition, reader), ...idle];
}

function problemAt(path: string, message: string): Problem {
  return { code: 'RULE_NOT_VALID', path, message };
}

/** Texts that nothing can ever be: no choice of the fact, no size class, no role. */
function comparedWithNothing(
  { facts, sizeClasses, roles }: ProgrammeDefinition,
  comparisons: ReturnType<PredicateReader['comparisonsIn']>,
): string[] {
  const idsOf = (list: readonly { id: string }[]) => list.map(({ id }) => id);
  return comparisons.flatMap(({ of, with: text }) => {
    const known =
      of === 'sizeClass'
        ? ['', ...idsOf(sizeClasses)]
        : of === 'roles'
          ? idsOf(roles)
          : facts.find(({ id }) => of === `facts.${id}`)?.choices;
    return known === undefined || known.includes(text)
      ? []
      : [`${of} is never "${text}", but ${known.filter((each) => each !== '').join(', ') || 'nothing'}`];
  });
}

/** A size class that asks which size class it is, and a question that is shown by its own answer. */
function ofThemselves(
  { sizeClasses, questions }: ProgrammeDefinition,
  { readsVariable, factsNamedIn }: PredicateReader,
): Problem[] {
  const isReadable = (rule: string | undefined): rule is string => rule !== undefined && rule !== 'unknown';
  const safely = (read: () => boolean) => {
    try {
      return read();
    } catch {
      return false;
    }
  };
  return [
    ...sizeClasses
      .filter(({ rule }) => isReadable(rule) && safely(() => readsVariable(rule, 'sizeClass')))
      .map(({ id }) => problemAt(`sizeClasses.${id}.rule`, 'reads sizeClass, which it decides on')),
    ...questions
      .filter(({ showIf, fact }) => isReadable(showIf) && safely(() => factsNamedIn(showIf).includes(fact)))
      .map(({ id, fact }) => problemAt(`questions.${id}.showIf`, `reads facts.${fact}, which it asks for`)),
  ];
}

function codeOf(message: string): Problem['code'] {
  return /No such key|Unknown variable/.test(message) ? 'UNKNOWN_FACT' : 'RULE_NOT_VALID';
}

function rulesIn({ sizeClasses, criteria, questions, overlays }: ProgrammeDefinition): Rule[] {
  const plain = (path: string, rule: string): Rule => ({ path, rule, parameters: {}, hasLookback: false });
  const rules = [
    ...sizeClasses.map(({ id, rule }) => plain(`sizeClasses.${id}.rule`, rule)),
    ...criteria.map(({ id, rule, parameters = {}, lookback }) => ({
      path: `criteria.${id}.rule`,
      rule,
      parameters,
      hasLookback: lookback !== undefined,
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
