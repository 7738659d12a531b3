import { EvaluationError, parse } from '@marcbachmann/cel-js';

type Fact = string | number | boolean;

/** A rule's answer. A missing fact, where it matters, gives `unknown`: no benefit on doubt. */
export type Outcome = 'met' | 'not_met' | 'unknown';

export type Evaluation = { outcome: Outcome; factsRead: string[] };

/** The facts must not change between two evaluations. */
export type Rule = (facts: Facts) => Evaluation;

export const lengthMax = 2_000;

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
    const { known, read } = recorderOf(facts);
    read.clear();
    const outcome = outcomeOf(() => evaluate({ facts: known }) as unknown);
    return { outcome, factsRead: [...read].sort() };
  };
}

/** The outcome of the library's evaluation: anything but true and false, also an error of the expression, is unknown. */
export function outcomeOf(evaluate: () => unknown): Outcome {
  try {
    const value = evaluate();
    return value === true ? 'met' : value === false ? 'not_met' : 'unknown';
  } catch (error) {
    if (error instanceof EvaluationError) return 'unknown';
    throw error;
  }
}

type Facts = Readonly<Record<string, Fact | undefined>>;
type Recorder = { known: Record<string, Fact>; read: Set<string> };

const recorders = new WeakMap<Facts, Recorder>();

/** The known facts; each records that it was read. Created once for facts that many rules read, one after another. */
function recorderOf(facts: Facts): Recorder {
  const before = recorders.get(facts);
  if (before !== undefined) return before;
  const recorder: Recorder = { known: {}, read: new Set() };
  for (const [name, value] of Object.entries(facts)) {
    if (value === undefined) continue;
    const get = () => {
      recorder.read.add(name);
      return value;
    };
    Object.defineProperty(recorder.known, name, { enumerable: true, get });
  }
  recorders.set(facts, recorder);
  return recorder;
}
