import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { ProgrammeDefinition } from '../domain/definition/programme.ts';
import { programmesOf } from '../domain/definition/programmes.ts';
import { asLine, loadProgrammes, readProgrammeFile } from './programme-files.ts';
import { programmeJsonSchema } from './programme-schema.ts';

const folder = mkdtempSync(join(tmpdir(), 'programmes-'));
afterAll(() => rmSync(folder, { recursive: true }));
const sound = JSON.parse(
  readFileSync('services/programmes/files/in-aeo.json', 'utf8'),
) as ProgrammeDefinition;

/** What is said of the file once something in it was changed. */
function problemsWith(change: (programme: ProgrammeDefinition) => void): string[] {
  const programme = structuredClone(sound);
  change(programme);
  const path = join(folder, 'changed.json');
  writeFileSync(path, JSON.stringify(programme));
  return readProgrammeFile(path).problems.map((each) => asLine(each).trim());
}

const criterion = (programme: ProgrammeDefinition, id: string) =>
  programme.criteria.find((each) => each.id === id)!;
const tier = (programme: ProgrammeDefinition, id: string) => programme.tiers.find((each) => each.id === id)!;

const mistakes: [name: string, change: (programme: ProgrammeDefinition) => void, line: string][] = [
  [
    'a fact nobody declared',
    (all) => (criterion(all, 'financial').rule = 'facts.rich && facts.insolvencyYears >= parameters.years'),
    'criteria.financial.rule: No such key: rich, in facts [UNKNOWN_FACT]',
  ],
  [
    'a number compared with a text',
    (all) => (criterion(all, 'activity').rule = 'facts.documentsLastYear >= "25" || parameters.minimum > 1'),
    'criteria.activity.rule: no such overload: double >= string [RULE_NOT_VALID]',
  ],
  [
    'tiers that wait for each other',
    (all) => (tier(all, 'T2').prerequisite = 'T3'),
    'tiers.T3: its prerequisites lead back to itself [UNREACHABLE_TIER]',
  ],
  [
    'a tier below one that asks for no more',
    (all) => tier(all, 'T1').criteria.push('site'),
    'tiers.T1: every firm that reaches it reaches T2 as well [UNREACHABLE_TIER]',
  ],
  [
    'a clock that nothing stops',
    (all) => (all.clocks[0]!.stopsOn = ['sealed']),
    'clocks.decision-t1: no step has the outcome sealed [CLOCK_WITHOUT_END]',
  ],
  [
    'a clock without an end',
    (all) => (all.clocks[0]!.stopsOn = []),
    'clocks.decision-t1: stopsOn is empty [CLOCK_WITHOUT_END]',
  ],
  [
    'a text that is missing',
    (all) => (all.tiers[0]!.label = {}),
    'tiers.T1.label: en is missing [TEXT_MISSING]',
  ],
  ['a language without texts', (all) => all.languages.push('hi'), 'authority: hi is missing [TEXT_MISSING]'],
  [
    'a figure in braces that is no parameter',
    (all) => (criterion(all, 'activity').requirement = { en: 'At least {number}.' }),
    'criteria.activity.requirement: {number} is no parameter of the criterion [PLACEHOLDER_UNKNOWN]',
  ],
  [
    'an overlay whose path leads nowhere',
    (all) => (all.overlays[0]!.patch[4]!.path = 'criteria.history.parameters.years'),
    'overlays.msme-54-2020.patch.4: criteria.history.parameters.years leads nowhere [OVERLAY_PATCHES_NOTHING]',
  ],
  [
    'an overlay that changes nothing',
    (all) => (all.overlays[0]!.patch[4]!.value = 3),
    'overlays.msme-54-2020.patch.4: criteria.history.parameters.minimum has this value already [OVERLAY_PATCHES_NOTHING]',
  ],
  [
    'an overlay that makes a rule read what is not there',
    (all) => (all.overlays[0]!.patch[0]!.value = 'facts.rich'),
    'overlays.msme-54-2020 → criteria.activity.rule: No such key: rich, in facts [UNKNOWN_FACT]',
  ],
  [
    'an overlay that writes what cannot stand there',
    (all) => (all.overlays[0]!.patch[4]!.value = { years: 2 }),
    'overlays.msme-54-2020 → criteria.history.parameters.minimum: Invalid input [SCHEMA]',
  ],
  [
    'an overlay that gives a status away',
    (all) => all.overlays[0]!.patch.push({ path: 'tiers.T1.criteria', op: 'set', value: [] }),
    'overlays.msme-54-2020.patch.17: tiers.T1.criteria may not be patched [OVERLAY_NOT_ALLOWED]',
  ],
  [
    'a criterion that is not there',
    (all) => tier(all, 'T1').criteria.push('luck'),
    'tiers.T1.criteria: there is no luck in criteria [UNKNOWN_REFERENCE]',
  ],
  [
    'a value without a source',
    (all) => (all.validity[0]!.sources = []),
    'validity.0.sources: names no source [UNKNOWN_REFERENCE]',
  ],
  [
    'a fact the applicant is never asked for',
    (all) => (all.facts.find(({ id }) => id === 'siteVerified')!.origin = 'applicant'),
    'facts.siteVerified: no question asks the applicant for it [FACT_NEVER_ASKED]',
  ],
  [
    'two of one id',
    (all) => all.criteria.push(criterion(all, 'site')),
    'criteria.site: there is another site before it [DUPLICATE_ID]',
  ],
  [
    'a criterion in no tier',
    (all) => all.criteria.push({ ...criterion(all, 'site'), id: 'spare' }),
    'criteria.spare: nothing names it [NOT_USED]',
  ],
  [
    'an end before the beginning',
    (all) => (all.effectiveTo = '2021-07-31'),
    'effectiveTo: is before 2021-08-01 [DATES_INVERTED]',
  ],
  [
    'steps that wait for each other',
    (all) => (all.steps.find(({ id }) => id === 'submission')!.needs = ['decision']),
    'steps.submission: waits for a step that waits for it [UNREACHABLE_STEP]',
  ],
  [
    'a step opened by what no step before it ends in',
    (all) => (all.steps.find(({ id }) => id === 'reply')!.opensOn = ['granted']),
    'steps.reply.opensOn: granted is no outcome of the steps it needs [UNKNOWN_REFERENCE]',
  ],
  [
    'a step passed by an outcome it does not have',
    (all) => (all.steps.find(({ id }) => id === 'desk')!.passes = ['granted']),
    'steps.desk.passes: granted is no outcome of it [UNKNOWN_REFERENCE]',
  ],
  [
    'a file that no step decides',
    (all) => (all.steps.find(({ id }) => id === 'decision')!.kind = 'desk'),
    'steps: none of the kind decide [UNREACHABLE_STEP]',
  ],
  [
    'a calendar without holidays of its own',
    (all) => (all.calendar = 'EU'),
    'calendar: no holidays are known of EU [UNKNOWN_CALENDAR]',
  ],
  [
    'a state that is not there',
    (all) => (all.calendar = 'DE-XX'),
    'calendar: no holidays are known of DE-XX [UNKNOWN_CALENDAR]',
  ],
  [
    'a time zone there is not',
    (all) => (all.timeZone = 'Asia/Atlantis'),
    'timeZone: must be the name of a time zone, as in Asia/Tokyo [SCHEMA]',
  ],
  [
    'a mere distance from Greenwich',
    (all) => (all.timeZone = '+05:30'),
    'timeZone: must be the name of a time zone, as in Asia/Tokyo [SCHEMA]',
  ],
  [
    'a format that no content has',
    (all) => (all.evidenceTypes[0]!.formats = ['pdf', 'paper']),
    'evidenceTypes.annexure-a.formats.1: cannot be told by the content of a file; endings as in pdf [SCHEMA]',
  ],
  [
    'a day there is not',
    (all) => (all.effectiveFrom = '2021-02-30'),
    'effectiveFrom: must be a day, YYYY-MM-DD [SCHEMA]',
  ],
  [
    'an overlay that replaces a whole member of a list',
    (all) => all.overlays[0]!.patch.push({ path: 'criteria.activity', op: 'set', value: {} }),
    'overlays.msme-54-2020.patch.17: criteria.activity leads nowhere [OVERLAY_PATCHES_NOTHING]',
  ],
  [
    'an overlay that takes away what another changes',
    (all) => {
      const { sources, tiers, label } = all.overlays[0]!;
      const when = '"exporter" in roles';
      const patch = [{ path: 'criteria.history.parameters', op: 'set' as const, value: { least: 2 } }];
      all.overlays.unshift({ id: 'earlier', sources, tiers, when, label, patch });
    },
    'overlays.msme-54-2020.patch.4: criteria.history.parameters.minimum leads nowhere where earlier and msme-54-2020 apply together [OVERLAY_PATCHES_NOTHING]',
  ],
  [
    'an overlay of a criterion that none of its tiers has',
    (all) => all.overlays[0]!.patch.push({ path: 'criteria.logistics.parameters.x', op: 'set', value: 1 }),
    'overlays.msme-54-2020.patch.17: none of its tiers has the criterion logistics [CONTRADICTION]',
  ],
  [
    'an overlay that sets one value twice',
    (all) => all.overlays[0]!.patch.push({ ...all.overlays[0]!.patch[4]!, value: 1 }),
    'overlays.msme-54-2020.patch.17: criteria.history.parameters.minimum is set before [CONTRADICTION]',
  ],
  [
    'a window that is no lookback',
    (all) => (criterion(all, 'legal').rule = 'noneWithin(facts.seriousCases, asOf)'),
    'criteria.legal.rule: noneWithin looks over lookback, and over nothing else [RULE_NOT_VALID]',
  ],
  [
    'a lookback that is not read',
    (all) => (criterion(all, 'legal').rule = 'facts.solvent'),
    'criteria.legal.rule: does not read its lookback [RULE_NOT_VALID]',
  ],
  [
    'a size class there is not',
    (all) => (criterion(all, 'financial').rule += ' && sizeClass == "smal"'),
    'criteria.financial.rule: sizeClass is never "smal", but msme [RULE_NOT_VALID]',
  ],
  [
    'a role there is not',
    (all) => (criterion(all, 'financial').rule += ' && "imorter" in roles'),
    `criteria.financial.rule: roles is never "imorter", but ${sound.roles.map(({ id }) => id).join(', ')} [RULE_NOT_VALID]`,
  ],
  [
    'a size class that asks for itself',
    (all) => (all.sizeClasses[0]!.rule += ' && sizeClass != ""'),
    'sizeClasses.msme.rule: reads sizeClass, which it decides on [RULE_NOT_VALID]',
  ],
  [
    'a question shown by its own answer',
    (all) =>
      (all.questions[0]!.showIf = `facts.${all.questions[0]!.fact} == facts.${all.questions[0]!.fact}`),
    `questions.${sound.questions[0]!.id}.showIf: reads facts.${sound.questions[0]!.fact}, which it asks for [RULE_NOT_VALID]`,
  ],
  [
    'a sanction to apply for',
    (all) => Object.assign(tier(all, 'LO'), { polarity: 'negative', rank: -1 }),
    'tiers.LO.entry: nobody applies for a sanction [CONTRADICTION]',
  ],
  [
    'two tiers of one component at once',
    (all) =>
      all.combinations.push({ id: 'both', label: { en: 'Both' }, of: ['T1', 'T2'], sources: ['terms'] }),
    'combinations.both.of: two tiers of one component are not held at once [CONTRADICTION]',
  ],
  [
    'a decision by the applicant',
    (all) => (all.steps.find(({ id }) => id === 'decision')!.actor = 'applicant'),
    'steps.decision.actor: a decision is not the applicant’s [CONTRADICTION]',
  ],
  [
    'a clock that stops on what starts it',
    (all) => all.clocks[0]!.stopsOn.push(all.clocks[0]!.startsOn),
    `clocks.decision-t1.stopsOn: ${sound.clocks[0]!.startsOn} starts it [CONTRADICTION]`,
  ],
  [
    'a fixed term without a length',
    (all) => delete all.validity[1]!.term,
    'validity.1.term: a fixed term has a length, or it is written unknown [CONTRADICTION]',
  ],
  [
    'a tier of two terms',
    (all) => all.validity[1]!.tiers.push('T1'),
    'validity.1.tiers: T1 has a validity already [CONTRADICTION]',
  ],
  [
    'a window that is shut before it opens',
    (all) => (all.validity[1]!.renewWindow = { opensDays: 10, closesDays: 60 }),
    'validity.1.renewWindow: opens 10 days before the end, when it is closed since 60 [CONTRADICTION]',
  ],
  [
    'a day that no year has',
    (all) => (all.validity[0]!.periodicDuty!.from = '02-30'),
    'validity.0.periodicDuty.from: must be a month and day, MM-DD [SCHEMA]',
  ],
  [
    'a ratio to nothing',
    (all) => delete all.benefits[0]!.metric.baseline,
    `benefits.${sound.benefits[0]!.id}.metric.baseline: a ratio is one to something [CONTRADICTION]`,
  ],
  [
    'a consent under another name for the same',
    (all) =>
      all.consents.push({
        id: 'abroad',
        label: { en: 'Abroad' },
        purpose: 'mutual-recognition',
        mode: 'general',
        withdrawable: true,
        sources: ['terms'],
      }),
    'consents.abroad.purpose: mutual-recognition governs nothing: it is written mutualRecognition [CONTRADICTION]',
  ],
];

test('overlays that no firm can come under at once are not checked together', () => {
  const change = (all: ProgrammeDefinition) => {
    const { sources, tiers, label } = all.overlays[0]!;
    const patch = [{ path: 'criteria.history.parameters', op: 'set' as const, value: { least: 2 } }];
    all.overlays.unshift({ id: 'others', sources, tiers, when: 'sizeClass == ""', label, patch });
  };
  expect(problemsWith(change).filter((line) => line.includes('apply together'))).toEqual([]);
});

test('the default tier may differ by role', () => {
  const usual = (all: ProgrammeDefinition, id: string, roles: string[]) =>
    all.tiers.push({
      ...tier(all, 'LO'),
      id,
      roles,
      component: 'logistics',
      polarity: 'default',
      entry: 'automatic',
      rank: 0,
      criteria: [],
    });
  const [one, other] = sound.roles.map(({ id }) => id);
  const told = (roles: string[]) =>
    problemsWith((all) => {
      usual(all, 'usual', [one!]);
      usual(all, 'other', roles);
    });
  expect(told([other!]).filter((line) => line.includes('CONTRADICTION'))).toEqual([]);
  expect(told([one!])).toContain('tiers.other: usual is what the same firms have already [CONTRADICTION]');
});

test.each(mistakes)('%s is reported by its path', (_, change, line) => {
  expect(problemsWith(change)).toContain(line);
});

test('a file that is no programme is reported by the problems of its layout', () => {
  expect(problemsWith((all) => Object.assign(all.clocks[0]!, { limit: { n: 0, unit: 'week' } }))[0]).toMatch(
    /^clocks\.decision-t1\.limit: .*\[SCHEMA\]$/,
  );
  writeFileSync(join(folder, 'changed.json'), '{ "format": 1,');
  expect(readProgrammeFile(join(folder, 'changed.json')).problems[0]?.message).toMatch(
    /^changed\.json is no JSON/,
  );
});

test('a folder with an unusable file is not loaded, and the file is named', () => {
  expect(() => loadProgrammes(folder)).toThrow(/^changed\.json:\n {2}\(the file\): changed\.json is no JSON/);
});

test('a version is found by its day, and an application stays under the version it was begun under', () => {
  const programmes = loadProgrammes('services/programmes/files');
  const versionOn = (day: string) => programmes.inForce('cn-credit', day)?.version;
  expect(['2021-10-31', '2021-11-01', '2026-03-31', '2026-04-01'].map(versionOn)).toEqual([
    undefined,
    1,
    1,
    2,
  ]);
  expect(programmes.forApplication('cn-credit', 1, '2026-04-01')?.version).toBe(1);
});

test('a version begins and ends in the time zone of its authority', () => {
  const programmes = loadProgrammes('services/programmes/files');
  const versionAt = (instant: string) => programmes.inForce('cn-credit', instant)?.version;
  expect(versionAt('2026-03-31T15:59:59.000Z')).toBe(1);
  expect(versionAt('2026-03-31T16:00:00.000Z')).toBe(2);
});

const [some] = loadProgrammes('services/programmes/files').all;
const versions = (...given: Partial<NonNullable<typeof some>>[]) =>
  programmesOf(
    given.map((each, index) => ({ ...some!, version: index + 1, supersedes: index || null, ...each })),
  );
const years = (from: number, to: number | null) => ({
  effectiveFrom: `${from}-01-01`,
  effectiveTo: to === null ? null : `${to}-12-31`,
});

test('a version stays in force until the next has begun in its own time zone', () => {
  const [first, second] = ['UTC', 'America/Santo_Domingo'].map((timeZone) => ({ timeZone }));
  const programmes = versions({ ...years(2025, 2025), ...first }, { ...years(2026, null), ...second });
  const versionAt = (instant: string) => programmes.inForce(some!.id, instant)?.version;
  expect(versionAt('2026-01-01T03:59:59.000Z')).toBe(1);
  expect(versionAt('2026-01-01T04:00:00.000Z')).toBe(2);
  const apart = versions({ ...years(2024, 2024), ...first }, { ...years(2026, null), ...second });
  expect(apart.inForce(some!.id, '2025-06-01T00:00:00.000Z')).toBeUndefined();
});

test('an application moves to each later version that says so, and stays there', () => {
  const programmes = versions(
    years(2020, 2020),
    { ...years(2021, 2021), filesInProgress: 'asSuperseded' },
    { ...years(2022, 2022), filesInProgress: 'asBegun' },
    { ...years(2023, null), filesInProgress: 'asSuperseded' },
  );
  const goesOn = (day: string) => programmes.forApplication(some!.id, 1, day)?.version;
  expect(['2020-06-01', '2021-06-01', '2022-06-01', '2023-06-01'].map(goesOn)).toEqual([1, 2, 2, 4]);
  expect(programmes.forApplication(some!.id, 3, '2022-06-01')?.version).toBe(3);
});

test('versions that would take effect before what they supersede, or let it come back, are not loaded', () => {
  expect(() => versions(years(2021, null), years(2020, null))).toThrow(/takes effect before version 1/);
  expect(() => versions(years(2020, null), years(2021, 2022))).toThrow(/version 1 would be in force again/);
  expect(() => versions(years(2020, null), years(2021, null))).not.toThrow();
  expect(() => versions(years(2020, null), years(2021, 2021), years(2022, null))).not.toThrow();
});

test('the schema for editors is the one that files are read with', () => {
  const committed: unknown = JSON.parse(readFileSync('services/programmes/programme.schema.json', 'utf8'));
  expect(committed).toEqual(JSON.parse(JSON.stringify(programmeJsonSchema())));
});
