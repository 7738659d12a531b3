import { EvaluationError, parse } from '@marcbachmann/cel-js';

export type Fact = string | number | boolean;

/** A rule's answer. A fact that is missing, where it matters, gives `unknown`: never a benefit on doubt. */
export type Outcome = 'met' | 'not_met' | 'unknown';

export type Evaluation = { outcome: Outcome; factsRead: string[] };

export type Rule = (facts: Readonly<Record<string, Fact | undefined>>) => Evaluation;

const lengthMax = 2_000;

/**
 * Compiles a yes-or-no rule in CEL (Common Expression Language) over `facts`. CEL's own && and || absorb errors, so a
 * missing fact matters only where the answer depends on it.
 *
 * @throws Error with the position when the expression cannot be parsed or is longer than 2,000 characters
 */
export function compileRule(expression: string): Rule {
  if (expression.length > lengthMax) throw new Error(`a rule has at most ${lengthMax} characters`);
  const evaluate = parse(expression);
  return (facts) => {
    const read = new Set<string>();
    const value = valueOf(() => evaluate({ facts: recording(facts, read) }) as unknown);
    const outcome = value === true ? 'met' : value === false ? 'not_met' : 'unknown';
    return { outcome, factsRead: [...read].sort() };
  };
}

function valueOf(evaluate: () => unknown): unknown {
  try {
    return evaluate();
  } catch (error) {
    if (error instanceof EvaluationError) return undefined;
    throw error;
  }
}

/** Known facts only, each noting that it was read. */
function recording(
  facts: Readonly<Record<string, Fact | undefined>>,
  read: Set<string>,
): Record<string, Fact> {
  const known = {};
  for (const [name, value] of Object.entries(facts)) {
    if (value === undefined) continue;
    Object.defineProperty(known, name, { enumerable: true, get: () => (read.add(name), value) });
  }
  return known;
}
