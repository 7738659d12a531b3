import { z } from 'zod';
import { idPattern } from '@aeo/platform/field-formats';
import { isTimeZone } from '../domain/time/days.ts';
import { weekdays } from '../domain/definition/definition.ts';
import type { ProgrammeDefinition } from '../domain/definition/programme.ts';
import { isKnownFormat } from './media-type.ts';
import { procedureLists } from './procedure-schema.ts';
import { day, described, id, language, monthDay, sourced, texts, unknownOr } from './schema-parts.ts';

const rule = described(
  z.string().min(1),
  'A yes-or-no rule in CEL over facts, parameters, lookback, sizeClass, roles and asOf, or "unknown"',
);
const role = z.enum(['importer', 'exporter', 'declarant', 'seller', 'carrier']);

const source = z.strictObject({
  id,
  title: z.string().min(1),
  url: z.string().nullable(),
  seenOn: described(day, 'The day on which it was read'),
  confidence: z.enum(['official', 'secondary', 'background', 'proposal']),
});

const fact = z.strictObject({
  id: described(z.string().regex(/^[a-z][A-Za-z0-9]*$/), 'Rules name it facts.<id>'),
  type: z.enum(['number', 'boolean', 'text', 'date', 'dates']),
  label: texts,
  origin: described(
    z.enum(['applicant', 'authority', 'registry', 'auditor', 'agency']),
    'Who finds it; what the applicant finds is asked for by a question',
  ),
  choices: z.array(z.string()).min(1).optional(),
  unit: z.string().optional(),
  reuseKey: described(z.string(), 'The same fact in other programmes, asked for once').optional(),
});

const sizeClass = z.strictObject({
  id,
  label: texts,
  rule,
  ...sourced,
  questions: z.array(id),
  proof: described(id.nullable(), 'The evidence type that proves it; null for a declaration'),
  groupAggregation: unknownOr(z.boolean()),
  mustPersist: unknownOr(z.boolean()),
});

const tier = z.strictObject({
  id,
  label: texts,
  component: id,
  ...sourced,
  rank: described(z.int(), 'Compared within its component; a negative one is a sanction'),
  polarity: z.enum(['granted', 'default', 'negative']),
  entry: z.enum(['apply', 'designate', 'automatic']),
  roles: z.array(id),
  sizeClasses: z.array(id).optional(),
  prerequisite: id.optional(),
  criteria: z.array(id),
  credits: described(
    z.partialRecord(role, z.int().min(0).max(1000)),
    'Thousandths of the risk threshold by role: this project’s own, no authority’s',
  ),
  mraEligible: unknownOr(z.boolean()),
});

export const alternative = z.strictObject({ id, label: texts, all: z.array(id), when: rule.optional() });
const parameter = z.union([z.number(), z.string()]);

const criterion = z.strictObject({
  id,
  label: texts,
  ...sourced,
  safe: described(
    z
      .string()
      .regex(/^[A-M]$/)
      .nullable(),
    'Chapter of the SAFE Framework’s conditions',
  ),
  kind: z.enum([
    'record',
    'count',
    'duration',
    'financial',
    'system',
    'competence',
    'security',
    'declaration',
  ]),
  requirement: described(
    texts,
    'What is required; {name} stands for a parameter, {lookback} for how far back',
  ),
  rule,
  parameters: z.record(z.string().regex(/^[a-z][A-Za-z0-9]*$/), parameter).optional(),
  lookback: z
    .strictObject({
      n: z.int().min(1).max(100),
      unit: z.enum(['fiscalYear', 'calendarYear', 'month']),
      upTo: z.enum(['lastPeriodEnd', 'application']),
    })
    .optional(),
  tolerance: texts.optional(),
  questions: z.array(id),
  evidence: described(
    z.array(alternative),
    'Ways of proving, of which one is enough; empty where none is asked',
  ),
  discretion: z.strictObject({ who: z.string(), basis: texts }).optional(),
  weight: z.number().optional(),
});

export const question = z.strictObject({
  id,
  text: texts,
  help: texts,
  fact: z.string(),
  showIf: rule.optional(),
});

const evidenceType = z.strictObject({
  id,
  label: texts,
  ...sourced,
  formats: described(
    z
      .array(z.string().refine(isKnownFormat, 'cannot be told by the content of a file; endings as in pdf'))
      .min(1),
    'By their usual endings, as the content of a file shows them: pdf, jpg, png, docx',
  ),
  maxMegabytes: z.number().positive().max(100),
  validForDays: z.int().min(1).nullable(),
  issuedBy: z.enum(['applicant', 'authority', 'thirdParty', 'otherAgency']),
  personBound: z.boolean(),
});

const overlay = z.strictObject({
  id,
  label: texts,
  when: rule,
  tiers: z.array(id).min(1),
  ...sourced,
  patch: z.array(
    z.strictObject({
      path: described(z.string(), 'criteria.<id>.parameters.<name> and the like'),
      op: z.literal('set'),
      value: z.unknown(),
    }),
  ),
});

const grading = z.strictObject({
  tier: id,
  method: z.enum(['score', 'officer']),
  fact: z.string().optional(),
  ...sourced,
  bands: z.array(z.strictObject({ id, min: unknownOr(z.number()), label: texts })).min(1),
});

const purpose = z.enum(['safety_security', 'fiscal_compliance', 'other_legal']);

/** The layout of a programme file; what a file says must make sense as well: `checkProgramme`. */
export const programmeSchema = z
  .strictObject({
    $schema: z.string().optional(),
    format: z.literal(1),
    id: z.string().regex(idPattern),
    version: z.int().min(1),
    jurisdiction: z.string().min(1),
    authority: texts,
    name: texts,
    summary: texts,
    caveats: texts,
    languages: z.array(language).min(1),
    effectiveFrom: day,
    effectiveTo: day.nullable(),
    supersedes: z.int().min(1).nullable(),
    filesInProgress: unknownOr(z.enum(['asBegun', 'asSuperseded'])),
    sources: z.array(source).min(1),
    fiscalYearStart: monthDay,
    calendar: described(z.string().min(1), 'Whose public holidays count, such as NZ or DE-BY, or "unknown"'),
    weekend: described(
      z.array(z.enum(weekdays)).min(1).max(6),
      'The days off of every week; Saturday and Sunday where it is left out',
    ).optional(),
    timeZone: described(
      z.string().refine(isTimeZone, 'must be the name of a time zone, as in Asia/Tokyo'),
      'By whose clock days begin; UTC where it is left out',
    ).optional(),
    facts: z.array(fact).min(1),
    roles: z.array(z.strictObject({ id, label: texts, reliesOn: z.array(id).optional(), ...sourced })).min(1),
    sizeClasses: z.array(sizeClass),
    components: z.array(z.strictObject({ id, label: texts, purposes: z.array(purpose).min(1) })).min(1),
    tiers: z.array(tier).min(1),
    combinations: z.array(z.strictObject({ id, label: texts, of: z.array(id).min(2), ...sourced })),
    criteria: z.array(criterion),
    questions: z.array(question),
    evidenceTypes: z.array(evidenceType),
    overlays: z.array(overlay),
    gradings: z.array(grading),
    ...procedureLists,
  })
  .meta({ title: 'A programme for certified traders', id: 'programme' });

/** Where the layout and the domain's type part, this does not compile. */
export type Parsed = z.infer<typeof programmeSchema>;
export function asDefinition(parsed: Parsed): ProgrammeDefinition {
  const definition = { ...parsed };
  delete definition.$schema;
  return definition;
}

/** The layout as JSON Schema (2020-12), for editors and authors of programme files. */
export function programmeJsonSchema(): unknown {
  return z.toJSONSchema(programmeSchema, { io: 'input' });
}
