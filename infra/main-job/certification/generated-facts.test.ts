import { decideCase } from '@aeo/programmes';
import { evaluate } from '@aeo/programmes/files';
import { loadRules } from '@aeo/aeo-registry';
import { expect, test } from 'vitest';
import { stepsToDecision } from './application-steps.ts';
import {
  factsOf,
  firmCaseOf,
  profileOf,
  programmeRun,
  programmesWithFacts,
  type Profile,
  type ProgrammeRun,
} from './generated-facts.ts';

const today = '2026-06-01';
const firm = { operatorId: 'a', declarations: 30, byMonth: [5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0] };
const ids = programmesWithFacts();

function tiersOf(
  { definition }: ProgrammeRun,
  profile: Profile,
  sizeClasses = definition.sizeClasses,
): string[] {
  const asked = firmCaseOf(profile, firm, definition, today);
  const { tiers } = decideCase({ ...definition, sizeClasses }, asked, evaluate);
  return Object.values(tiers).filter((tier) => tier !== null);
}

test('facts are made up for at least two programmes', () => {
  expect(ids.length).toBeGreaterThanOrEqual(2);
});

test.each(ids)('%s: several tiers are reached, some firms are refused, and some criteria stay open', (id) => {
  const run = programmeRun(id, today);
  const { profiles } = run.generated;
  const reached = new Set(profiles.flatMap((profile) => tiersOf(run, profile)));
  const appliedFor = run.definition.tiers.filter(
    ({ entry, polarity }) => entry === 'apply' && polarity === 'granted',
  );
  expect(reached.size).toBeGreaterThanOrEqual(Math.min(2, appliedFor.length));
  expect(profiles.filter((profile) => tiersOf(run, profile).length === 0).length).toBeGreaterThanOrEqual(1);
  const outcomes = profiles.flatMap((profile) =>
    decideCase(run.definition, firmCaseOf(profile, firm, run.definition, today), evaluate).criteria.map(
      ({ outcome }) => outcome,
    ),
  );
  expect(new Set(outcomes)).toEqual(new Set(['met', 'not_met', 'unknown']));
});

test.each(ids)('%s: small firms come in by its ways for small firms, and by them alone', (id) => {
  const run = programmeRun(id, today);
  if (run.definition.sizeClasses.length === 0) {
    expect(run.generated.profiles.filter(({ small }) => small)).toEqual([]);
    return;
  }
  const small = run.generated.profiles.filter((each) => each.small && tiersOf(run, each).length > 0);
  expect(small.length).toBeGreaterThanOrEqual(1);
  for (const profile of small) expect(tiersOf(run, profile, [])).not.toEqual(tiersOf(run, profile));
});

test('a firm has the same profile in every run, and shares come out as they are stated', () => {
  const { generated } = programmeRun(ids[0]!, today);
  const counts = new Map<string, number>();
  const firms = 20_000;
  for (let number = 0; number < firms; number += 1) {
    const { id } = profileOf(generated, { operatorId: `operator-${number}` });
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  for (const { id, share } of generated.profiles) expect((counts.get(id) ?? 0) / firms).toBeCloseTo(share, 1);
  expect(profileOf(generated, { operatorId: 'one' })).toBe(profileOf(generated, { operatorId: 'one' }));
});

test('counts are those of the firm, times what each stands for', () => {
  const facts = { a: { declarationsOf: 'secondHalf' as const, times: 3 }, b: true, c: ['2020-01-01'] };
  const profile: Profile = { id: 'p', share: 1, small: false, tiers: [], roles: [], facts, evidence: [] };
  const winter = { ...firm, byMonth: [5, 5, 5, 0, 0, 0, 0, 0, 0, 5, 5, 5] };
  const inJanuary = factsOf(profile, winter, { fiscalYearStart: '01-01' });
  expect(inJanuary).toEqual({ a: 45, b: true, c: ['2020-01-01'] });
  expect(factsOf(profile, winter, { fiscalYearStart: '04-01' })).toMatchObject({ a: 90 });
});

test('every programme that is decided by steps can be walked to its decision', () => {
  const { programmes } = loadRules();
  const walkable = programmes.all.filter(({ steps }) => steps.some(({ kind }) => kind === 'decide'));
  const comesFirst = walkable.filter(
    ({ steps }) => steps.find(({ kind }) => kind === 'submit')?.needs.length,
  );
  expect(walkable.length - comesFirst.length).toBeGreaterThanOrEqual(9);
  for (const programme of comesFirst)
    expect(() => stepsToDecision(programme, [])).toThrow(/steps before its submission/);
  for (const programme of walkable.filter((each) => !comesFirst.includes(each))) {
    const steps = stepsToDecision(programme, []);
    expect(new Set(steps.map(({ step, agency }) => `${step} ${agency}`)).size).toBe(steps.length);
  }
});

test('a programme whose steps do not lead to a decision is an error', () => {
  const [programme] = loadRules().programmes.all;
  const steps = programme!.steps.map((step) =>
    step.kind === 'submit' ? step : { ...step, needs: [...step.needs, step.id] },
  );
  expect(() => stepsToDecision({ ...programme!, steps }, [])).toThrow(/no way leads to a decision/);
});
