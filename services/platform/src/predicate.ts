import { Environment, parse, type ASTNode } from '@marcbachmann/cel-js';
import { lengthMax, outcomeOf, type Evaluation } from './cel.ts';

type FactType = 'number' | 'boolean' | 'text' | 'date' | 'dates';
type FactValue = number | boolean | string | readonly string[];

/** What a predicate may name, with its type. */
export type Names = {
  facts: Readonly<Record<string, FactType>>;
  parameters: Readonly<Record<string, number | string>>;
};

/** Days as ISO 8601 dates; `until` itself is outside. */
type Period = { from: string; until: string };

/** What a predicate evaluates. A fact that is not here is not known. */
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

/** Also returns which of the facts it names are not known. */
export type Predicate = (circumstances: Circumstances) => Evaluation & { factsMissing: string[] };

const celTypes = { number: 'double', boolean: 'bool', text: 'string', date: 'string', dates: 'list<string>' };
/** Operations that distinguish an unknown fact from a false one, or read a fact unnoticed. */
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
  if (!valid)
    return [
      placed((error?.message ?? 'cannot be read').split('\n')[0] ?? '', expression, { facts, parameters }),
    ];
  const used = operationsIn(parse(expression).ast).filter((operation) => forbidden.has(operation));
  if (used.length > 0) return [`${used.join(', ')} may not be used in a rule`];
  const wrong = withoutPeriod(expression);
  if (wrong !== undefined) return [`${wrong} looks over lookback, and over nothing else`];
  return type === 'bool' ? [] : [`the answer is ${type ?? 'unknown'}, not yes or no`];
}

/** A key that is not there, with what it was looked for in. */
function placed(message: string, expression: string, names: Names): string {
  const key = /^No such key: (\w+)$/.exec(message)?.[1];
  if (key === undefined) return message;
  const isParameter =
    namedIn(expression, 'parameters').includes(key) && !Object.hasOwn(names.parameters, key);
  return `${message}, in ${isParameter ? 'parameters' : 'facts'}`;
}

/** Functions that count days of a period, whose second argument is that period. */
const overPeriods = new Set(['countWithin', 'noneWithin']);

/** A function that is given something else than the period; compared with that, no day would be in it. */
function withoutPeriod(expression: string): string | undefined {
  for (const node of nodesIn(parse(expression).ast)) {
    if (node.op !== 'call' || !overPeriods.has(node.args[0])) continue;
    const period = node.args[1][1];
    if (period?.op !== 'id' || period.args !== 'lookback') return node.args[0];
  }
  return undefined;
}

/** The facts a predicate names, in order, each once. @throws Error where it cannot be parsed */
export function factsNamedIn(expression: string): string[] {
  return namedIn(expression, 'facts');
}

/** What a predicate reads of a variable such as `facts` or `parameters`. @throws Error where it cannot be parsed */
export function namedIn(expression: string, variable: string): string[] {
  const names = nodesIn(parse(expression).ast).flatMap((node) =>
    node.op === '.' && node.args[0].op === 'id' && node.args[0].args === variable ? [node.args[1]] : [],
  );
  return [...new Set(names)].sort();
}

/** Whether a predicate reads a variable such as `lookback`. @throws Error where it cannot be parsed */
export function readsVariable(expression: string, variable: string): boolean {
  return nodesIn(parse(expression).ast).some((node) => node.op === 'id' && node.args === variable);
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

/** Texts that a predicate compares `facts.x` or a variable with, or looks for in one. @throws Error where it cannot be parsed */
export function comparisonsIn(expression: string): { of: string; with: string }[] {
  return nodesIn(parse(expression).ast).flatMap((node) => {
    if (node.op !== '==' && node.op !== '!=' && node.op !== 'in') return [];
    const [left, right] = node.args;
    return [
      [left, right],
      [right, left],
    ].flatMap(([one, other]) => {
      const of = one === undefined ? undefined : nameOf(one);
      return of !== undefined && other?.op === 'value' && typeof other.args === 'string'
        ? [{ of, with: other.args }]
        : [];
    });
  });
}

function nameOf(node: ASTNode): string | undefined {
  if (node.op === 'id') return node.args;
  return node.op === '.' && node.args[0].op === 'id' ? `${node.args[0].args}.${node.args[1]}` : undefined;
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
