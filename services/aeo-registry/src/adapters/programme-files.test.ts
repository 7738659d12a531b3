import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { ProgrammeDefinition } from '../domain/programme/programme.ts';
import { asLine, loadProgrammes, readProgrammeFile } from './programme-files.ts';
import { programmeJsonSchema } from './programme-schema.ts';

const folder = mkdtempSync(join(tmpdir(), 'programmes-'));
afterAll(() => rmSync(folder, { recursive: true }));
const sound = JSON.parse(
  readFileSync('services/aeo-registry/programmes/in-aeo.json', 'utf8'),
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
    'criteria.financial.rule: No such key: rich [UNKNOWN_FACT]',
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
    'tiers.T1: whoever reaches it reaches T2 as well [UNREACHABLE_TIER]',
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
    'overlays.msme-54-2020 → criteria.activity.rule: No such key: rich [UNKNOWN_FACT]',
  ],
  [
    'an overlay that writes what cannot stand there',
    (all) => (all.overlays[0]!.patch[4]!.value = { years: 2 }),
    'overlays.msme-54-2020 → criteria.history.parameters.minimum: Invalid input [SCHEMA]',
  ],
  [
    'an overlay that gives a status away',
    (all) => all.overlays[0]!.patch.push({ path: 'tiers.T1.criteria', op: 'set', value: [] }),
    'overlays.msme-54-2020.patch.18: tiers.T1.criteria may not be patched [OVERLAY_NOT_ALLOWED]',
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
];

test.each(mistakes)('%s is told by its place', (_, change, line) => {
  expect(problemsWith(change)).toContain(line);
});

test('what is no programme is told by what is wrong with the layout', () => {
  expect(problemsWith((all) => Object.assign(all.clocks[0]!, { limit: { n: 0, unit: 'week' } }))[0]).toMatch(
    /^clocks\.decision-t1\.limit: .*\[SCHEMA\]$/,
  );
  writeFileSync(join(folder, 'changed.json'), '{ "format": 1,');
  expect(readProgrammeFile(join(folder, 'changed.json')).problems[0]?.message).toMatch(
    /^changed\.json is no JSON/,
  );
});

test('a folder with a file that cannot be used is not loaded, and the file is named', () => {
  expect(() => loadProgrammes(folder)).toThrow(/^changed\.json:\n {2}\(the file\): changed\.json is no JSON/);
});

test('a version is found by its day, and a file goes on under the one it was begun under', () => {
  const programmes = loadProgrammes('services/aeo-registry/programmes');
  const versionOn = (day: string) => programmes.inForce('cn-credit', day)?.version;
  expect(['2021-10-31', '2021-11-01', '2026-03-31', '2026-04-01'].map(versionOn)).toEqual([
    undefined,
    1,
    1,
    2,
  ]);
  expect(programmes.forFile('cn-credit', 1, '2026-04-01')?.version).toBe(1);
});

test('the schema for editors is the one files are read by', () => {
  const committed: unknown = JSON.parse(readFileSync('services/aeo-registry/programme.schema.json', 'utf8'));
  expect(committed).toEqual(JSON.parse(JSON.stringify(programmeJsonSchema())));
});
