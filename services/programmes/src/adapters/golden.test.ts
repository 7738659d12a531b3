import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { clockOn, type StepOutcome, type ClockExtension } from '../domain/time/clock.ts';
import { plusDays } from '../domain/time/days.ts';
import { decideCase, type CaseDecision } from '../domain/deciding/decide-case.ts';
import { problemsOfCase, type FirmCase } from '../domain/deciding/firm-case.ts';
import { withOverlays } from '../domain/deciding/overlay.ts';
import { readCase } from './case-schema.ts';
import { evaluate, loadProgrammes } from './programme-files.ts';

type Expected = {
  /** By component. */
  tiers: Record<string, string | null>;
  sizeClass?: string;
  combination?: string;
  /** Every criterion of a tier that was looked at and is in neither list is met. */
  notMet: string[];
  unknown: string[];
  closed?: Record<string, string>;
  reasons?: Record<string, string>;
  grades?: Record<string, string>;
};

type GoldenCase = { name: string; change?: Partial<FirmCase>; remove?: string[]; expect: Expected };
type GoldenClock = {
  name: string;
  clock: string;
  overlays?: string[];
  happenings: StepOutcome[];
  lengthenings?: ClockExtension[];
  dueOn: string;
};

type Golden = {
  programme: string;
  version: number;
  base: Record<string, unknown>;
  cases: GoldenCase[];
  clocks?: GoldenClock[];
};

const folder = 'services/programmes';
const programmes = loadProgrammes(join(folder, 'files'));
const files = readdirSync(join(folder, 'golden'));
const goldens = files.map((file) => JSON.parse(readFileSync(join(folder, 'golden', file), 'utf8')) as Golden);

/** The base with the case's changes: facts one by one, evidence by its type, everything else as a whole. */
function firmOf({ base }: Golden, { change = {}, remove = [] }: GoldenCase): FirmCase {
  const { firm: first, problems } = readCase(base);
  expect(problems).toEqual([]);
  const { facts = {}, evidence = [], ...rest } = change;
  const kept = first!.evidence.filter(({ type }) => !evidence.some((each) => each.type === type));
  const whole = {
    ...first!,
    ...rest,
    facts: { ...first!.facts, ...facts },
    evidence: [...kept, ...evidence],
  };
  const { firm } = readCase({
    ...whole,
    facts: Object.fromEntries(
      Object.entries(whole.facts).filter(([name]) => !remove.includes(`facts.${name}`)),
    ),
    evidence: whole.evidence.filter(({ type }) => !remove.includes(`evidence.${type}`)),
  });
  return firm!;
}

const named = ({ criteria }: CaseDecision, outcome: string) =>
  criteria.filter((each) => each.outcome === outcome).map(({ tier, criterion }) => `${tier}/${criterion}`);

describe.each(goldens.map((golden) => [`${golden.programme} version ${golden.version}`, golden] as const))(
  '%s',
  (_, golden) => {
    const definition = programmes.version(golden.programme, golden.version)!;

    test.each(golden.cases.map((each) => [each.name, each] as const))('%s', (_name, each) => {
      const firm = firmOf(golden, each);
      expect(problemsOfCase(definition, firm)).toEqual([]);
      const decision = decideCase(definition, firm, evaluate);
      const { tiers, notMet, unknown, closed = {}, reasons = {}, grades = {} } = each.expect;
      expect(decision.tiers).toEqual(tiers);
      expect(named(decision, 'not_met').sort()).toEqual(notMet.toSorted());
      expect(named(decision, 'unknown').sort()).toEqual(unknown.toSorted());
      const shut = decision.results.filter(
        ({ closedBy }) => closedBy !== null && closedBy !== 'notAppliedFor',
      );
      expect(Object.fromEntries(shut.map(({ tier, closedBy }) => [tier, closedBy]))).toEqual(closed);
      expect(decision.combination).toBe(each.expect.combination ?? null);
      if (each.expect.sizeClass !== undefined) expect(decision.sizeClass).toBe(each.expect.sizeClass);
      for (const [place, text] of Object.entries(reasons)) {
        const found = decision.criteria.find(({ tier, criterion }) => `${tier}/${criterion}` === place);
        expect(found?.requirement['en']).toBe(text);
      }
      for (const [tier, grade] of Object.entries(grades))
        expect(decision.results.find((result) => result.tier === tier)?.grade).toBe(grade);
      // Decided again it is the same, byte for byte.
      expect(JSON.stringify(decideCase(definition, structuredClone(firm), evaluate))).toBe(
        JSON.stringify(decision),
      );
    });

    test.each((golden.clocks ?? []).map((each) => [each.name, each] as const))(
      'clock: %s, to the day',
      (_name, { clock: id, overlays = [], happenings, lengthenings = [], dueOn }) => {
        const effective = withOverlays(
          definition,
          definition.overlays.filter((overlay) => overlays.includes(overlay.id)),
        );
        const clock = effective.clocks.find((each) => each.id === id)!;
        const record = { outcomes: happenings, extensions: lengthenings };
        const stateOn = (day: string) => clockOn(clock, record, day, () => true);
        expect([-1, 0, 1].map((days) => stateOn(plusDays(dueOn, days)).status)).toEqual([
          'running',
          'running',
          'expired',
        ]);
        expect(stateOn(dueOn)).toMatchObject({ dueOn });
      },
    );

    test('a clock of unknown length never expires', () => {
      const unknown = definition.clocks.filter(({ limit }) => limit === 'unknown');
      const states = unknown.map((clock) => {
        const outcomes = [{ event: clock.startsOn, on: '2025-01-01' }];
        return clockOn(clock, { outcomes, extensions: [] }, '2095-01-01', () => true).status;
      });
      expect(states).toEqual(unknown.map(() => 'unlimited'));
    });
  },
);

const modelled = [
  'cn-credit',
  'do-oea',
  'eu-aeo',
  'hk-aeo',
  'id-aeo',
  'in-aeo',
  'jp-aeo',
  'ma-oea',
  'nz-ses',
  'za-aeo',
];

test.each(modelled)('each version of %s has a dozen golden decisions at least', (id) => {
  const versions = programmes.all.filter((each) => each.id === id).map(({ version }) => version);
  const counts = versions.map((version) => {
    const found = goldens.filter((golden) => golden.programme === id && golden.version === version);
    return found.flatMap(({ cases }) => cases).length;
  });
  expect(counts.length).toBeGreaterThan(0);
  for (const count of counts) expect(count).toBeGreaterThanOrEqual(12);
});
