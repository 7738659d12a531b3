import { expect, test } from 'vitest';
import {
  compilePredicate,
  factsNamedIn,
  namedIn,
  problemsOf,
  readsVariable,
  type Circumstances,
} from './predicate.ts';

const names = {
  facts: { count: 'number', isClean: 'boolean', size: 'text', since: 'date', days: 'dates' },
  parameters: { minimum: 25 },
} as const;

const circumstances: Circumstances = {
  facts: { count: 25, isClean: true, days: ['2022-03-31', '2022-04-01', '2025-06-14'] },
  parameters: { minimum: 25 },
  lookback: { from: '2022-04-01', until: '2025-06-15' },
  sizeClass: 'small',
  roles: ['importer'],
  asOf: '2025-06-15',
};

test.each([
  ['facts.count >= parameters.minimum', 'met', ['count']],
  ['facts.count > parameters.minimum', 'not_met', ['count']],
  ['facts.count >= 25 && sizeClass == "small"', 'met', ['count']],
  ['countWithin(facts.days, lookback) == 2.0', 'met', ['days']],
  ['noneWithin(facts.days, lookback)', 'not_met', ['days']],
  ['"importer" in roles', 'met', []],
  ['facts.size == "large"', 'unknown', []],
  ['facts.size == "large" || facts.isClean', 'met', ['isClean']],
  ['facts.size == "large" && !facts.isClean', 'not_met', ['isClean']],
  ['fullYears(facts.since, asOf) >= 2.0', 'unknown', []],
] as const)('%s is %s', (expression, outcome, factsRead) => {
  expect(problemsOf(expression, names)).toEqual([]);
  expect(compilePredicate(expression)(circumstances)).toMatchObject({ outcome, factsRead });
});

test.each([
  ['2020-06-15', 5],
  ['2020-06-16', 4],
  ['2025-06-15', 0],
])('from %s it is %i full years', (since, years) => {
  const evaluate = compilePredicate(`fullYears(facts.since, asOf) == ${years}.0`);
  expect(evaluate({ ...circumstances, facts: { since } }).outcome).toBe('met');
});

test.each([
  ['facts.other > 1', 'No such key: other'],
  ['parameters.other > facts.count', 'No such key: other'],
  ['fact.count > 1', 'Unknown variable: fact'],
  ['facts.count == "25"', 'no such overload: double == string'],
  ['facts.count * 2 > 3', 'no such overload: double * int'],
  ['facts.count', 'the answer is double, not yes or no'],
  ['has(facts.count)', 'has may not be used in a rule'],
  ['facts["count"] > 1', '[] may not be used in a rule'],
  ['noneWithin(facts.count, lookback)', "found no matching overload for 'noneWithin(double, dyn)'"],
  ['facts.count >=', 'Unexpected token'],
  [`facts.size == "${'x'.repeat(2_000)}"`, 'a rule has at most 2000 characters'],
])('%s is refused', (expression, message) => {
  expect(problemsOf(expression, names)[0]).toContain(message);
});

test('a rule names the facts it may read, each once', () => {
  expect(factsNamedIn('facts.size == "a" || facts.count > 1 && facts.count < 3')).toEqual(['count', 'size']);
});

test('a rule reports which facts are not known, whether they mattered or not', () => {
  const evaluate = compilePredicate('facts.isClean || facts.size == "large" || facts.count > 1');
  expect(evaluate(circumstances)).toEqual({
    outcome: 'met',
    factsRead: ['isClean'],
    factsMissing: ['size'],
  });
});

test.each(['asOf', 'roles', '1.0', '{"from": "a"}', 'facts.days'])(
  'days are counted in the lookback alone, not in %s',
  (period) => {
    for (const rule of [`noneWithin(facts.days, ${period})`, `countWithin(facts.days, ${period}) > 1.0`])
      expect(problemsOf(rule, names)).toEqual([expect.stringContaining('looks over lookback')]);
  },
);

test('the fields of a variable that a rule reads are listed, a text that names one is not a read', () => {
  expect(namedIn('facts.count > parameters.minimum', 'parameters')).toEqual(['minimum']);
  expect(namedIn('facts.size == "parameters.minimum"', 'parameters')).toEqual([]);
  expect(readsVariable('noneWithin(facts.days, lookback)', 'lookback')).toBe(true);
  expect(readsVariable('facts.size == "lookback"', 'lookback')).toBe(false);
});
