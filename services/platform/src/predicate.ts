import { Environment, parse, type ASTNode } from '@marcbachmann/cel-js';
import { lengthMax, outcomeOf, type Evaluation } from './cel.ts';

export type FactType = 'number' | 'boolean' | 'text' | 'date' | 'dates';
export type FactValue = number | boolean | string | readonly string[];

/** What a predicate may name, with its type. */
export type Names = {
  facts: Readonly<Record<string, FactType>>;
  parameters: Readonly<Record<string, number | string>>;
};

/** Days as ISO 8601 dates; `until` itself is outside. */
export type Period = { from: string; until: string };

/** What a predicate looks at. A fact that is not here is not known. */
export type Circumstances = {
  facts: Readonly<Record<string, FactValue | undefined>>;
  parameters: Readonly<Record<string, number | string>>;
  lookback: Period | undefined;
  /** Empty where the firm is in none. */
  sizeClass: string;
  roles: readonly string[];
  /** The day the case is decided for. */
  asOf: string;
};

/** Also tells which of the facts it names are not known. */
export type Predicate = (circumstances: Circumstances) => Evaluation & { factsMissing: string[] };

const celTypes = { number: 'double', boolean: 'bool', text: 'string', date: 'string', dates: 'list<string>' };
/** What would tell a fact that is unknown from one that is false, or reach a fact unseen. */
const forbidden = new Set(['has', '[]', '[?]', '.?']);

const environment = new Environment({ unlistedVariablesAreDyn: false })
  .registerVariable('lookback', 'dyn')
  .registerVariable('sizeClass', 'string')
  .registerVariable('roles', 'list<string>')
  .registerVariable('asOf', 'string')
  .registerFunction('countWithin(list<string>, dyn): double', (days: string[], period: Period) =>
    Number(within(days, period).length),
  )
  .registerFunction(
    'noneWithin(list<string>, dyn): bool',
    (days: string[], period: Period) => within(days, period).length === 0,
  )
  .registerFunction('fullYears(string, string): double', fullYears);

const running = environment.clone().registerVariable('facts', 'dyn').registerVariable('parameters', 'dyn');

function within(days: readonly string[], { from, until }: Period): string[] {
  return days.filter((day) => day >= from && day < until);
}

/** Birthdays that have passed between two days. */
function fullYears(from: string, until: string): number {
  const years = Number(until.slice(0, 4)) - Number(from.slice(0, 4));
  return until.slice(5) < from.slice(5) ? years - 1 : years;
}

/**
 * What is wrong with a predicate in CEL: undeclared facts or parameters, types that do not go together, an answer other
 * than yes or no. Whole numbers do not mix with facts in arithmetic: write `2.0`. Empty where nothing is.
 */
export function problemsOf(expression: string, { facts, parameters }: Names): string[] {
  if (expression.length > lengthMax) return [`a rule has at most ${lengthMax} characters`];
  const known = Object.entries(facts).map(([name, type]) => [name, celTypes[type]]);
  const set = Object.entries(parameters).map(([name, value]) => [
    name,
    typeof value === 'number' ? 'double' : 'string',
  ]);
  const typed = environment
    .clone()
    .registerVariable({ name: 'facts', schema: Object.fromEntries(known) as Record<string, string> })
    .registerVariable({ name: 'parameters', schema: Object.fromEntries(set) as Record<string, string> });
  const { valid, type, error } = typed.check(expression);
  if (!valid) return [(error?.message ?? 'cannot be read').split('\n')[0] ?? ''];
  const used = operationsIn(parse(expression).ast).filter((operation) => forbidden.has(operation));
  if (used.length > 0) return [`${used.join(', ')} may not be used in a rule`];
  return type === 'bool' ? [] : [`the answer is ${type ?? 'unknown'}, not yes or no`];
}

/** The facts a predicate names, in order, each once. @throws Error where it cannot be parsed */
export function factsNamedIn(expression: string): string[] {
  const names = nodesIn(parse(expression).ast).flatMap((node) =>
    node.op === '.' && node.args[0].op === 'id' && node.args[0].args === 'facts' ? [node.args[1]] : [],
  );
  return [...new Set(names)].sort();
}

/** @throws Error where the expression cannot be parsed */
export function compilePredicate(expression: string): Predicate {
  if (expression.length > lengthMax) throw new Error(`a rule has at most ${lengthMax} characters`);
  const evaluate = running.parse(expression);
  const named = factsNamedIn(expression);
  return ({ facts, ...circumstances }) => {
    const read = new Set<string>();
    const known = recording(facts, read);
    const outcome = outcomeOf(() => evaluate({ ...circumstances, facts: known }) as unknown);
    const factsMissing = named.filter((name) => facts[name] === undefined);
    return { outcome, factsRead: [...read].sort(), factsMissing };
  };
}

function recording(facts: Circumstances['facts'], read: Set<string>): Record<string, FactValue> {
  const known: Record<string, FactValue> = {};
  for (const [name, value] of Object.entries(facts)) {
    if (value === undefined) continue;
    Object.defineProperty(known, name, {
      enumerable: true,
      get: () => {
        read.add(name);
        return value;
      },
    });
  }
  return known;
}

function nodesIn(node: unknown): ASTNode[] {
  if (Array.isArray(node)) return node.flatMap(nodesIn);
  if (typeof node !== 'object' || node === null || !('op' in node)) return [];
  const found = node as ASTNode;
  return [found, ...nodesIn(found.args)];
}

/** Operators, and the names of functions. */
function operationsIn(ast: ASTNode): string[] {
  return nodesIn(ast).map((node) =>
    node.op === 'call' || node.op === 'rcall' ? String(node.args[0]) : node.op,
  );
}
