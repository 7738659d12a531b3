import { z } from 'zod';
import { alternative, question } from '@aeo/programmes/files';
import { day, factValue, instant, strings, texts } from './answer-parts.ts';
import { certificate, led } from './answers.ts';

const identifier = z.strictObject({ scheme: z.string(), country: z.string(), value: z.string() });
const claim = z.strictObject({
  identifier,
  validFrom: instant.nullable(),
  validUntil: instant.nullable(),
  standing: z
    .enum(['valid', 'checksum_failed', 'checksum_warning', 'format_invalid', 'unchecked'])
    .meta({ description: 'By the rule of its scheme today; a warning is no reason to refuse it' }),
});

const period = z.strictObject({
  from: instant.nullable(),
  until: instant.nullable(),
  declarations: z.number(),
  controls: z.number(),
  findings: z.number(),
  criticalFindings: z.number(),
});

const origin = z.enum(['applicant', 'authority', 'auditor', 'agency']);
const evidence = z.strictObject({
  programmeId: z.string(),
  type: z.string(),
  sha256: z.string(),
  bytes: z.int(),
  mediaType: z.string(),
  issuedOn: day.nullable(),
  validUntil: day.nullable(),
  person: z.string().nullable(),
});

const until = day.nullable();
const address = z.strictObject({
  street: z.string(),
  city: z.string(),
  postcode: z.string(),
  country: z.string(),
});
const name = z.string();
const site = z.strictObject({ name, address, uses: strings, from: until, until });
const person = z.strictObject({ name, position: z.string(), leftOn: until });
const groupFirm = z.strictObject({
  name,
  relation: z.enum(['linked', 'partner']),
  share: z.number(),
  until,
  facts: z.record(z.string(), z.number()),
});
const reliedUponParty = z.strictObject({ name, operatorId: z.string().nullable(), role: z.string(), until });

const by = <Value extends z.ZodType>(value: Value) => z.record(z.string(), value);
/** What is known of a firm under each of its headings. */
const recorded = {
  facts: by(period),
  statements: by(z.strictObject({ value: factValue, origin, at: instant })),
  evidence: by(evidence),
  consents: by(z.strictObject({ given: z.boolean(), at: instant })),
  delegations: by(z.strictObject({ until: instant.nullable() })),
};
const particulars = {
  site: by(site),
  person: by(person),
  groupFirm: by(groupFirm),
  reliedUponParty: by(reliedUponParty),
};
const profile = z.strictObject({ name, identifiers: z.array(claim), sizeClass: z.string() });
const operatorId = z.string();

export const recordAnswer = z.strictObject({
  operatorId,
  profile,
  ...recorded,
  certificates: by(certificate),
  particulars: z.strictObject(particulars),
});

/** An answer to a command on what is known of a firm: what is there now under one heading. */
const one = <Shape extends z.ZodRawShape>(shape: Shape) => led(z.strictObject({ operatorId, ...shape }));

export const identifiersAnswer = one({ identifiers: z.array(claim) });
export const statementsAnswer = one({ statements: recorded.statements });
export const consentsAnswer = one({ consents: recorded.consents });
export const delegationsAnswer = one({ delegations: recorded.delegations });
export const evidenceAnswer = one({ evidenceId: z.string(), ...evidence.shape });
export const certificatesAnswer = one({ certificates: z.array(certificate) });
export const particularsAnswer = (path: string, kind: keyof typeof particulars) =>
  one({ [path]: particulars[kind] });

const asked = z.strictObject({ question, criteria: strings, when: z.enum(['always', 'depends']) });
const list = {
  tiers: strings,
  evidence: z.array(
    z.strictObject({ criterion: z.string(), tier: z.string(), alternatives: z.array(alternative) }),
  ),
  overlays: strings,
  effort: z.strictObject({ questions: z.int(), questionsIfTheyApply: z.int(), documents: strings }),
};

/** A programme in a list. */
export const titleAnswer = z.strictObject({
  programmeId: z.string(),
  version: z.int(),
  name: texts,
  effectiveFrom: day,
  effectiveTo: until,
});

/** What a firm of a size will be asked. */
export const questionsAnswer = titleAnswer.extend({ ...list, questions: z.array(asked) });

/** What the applicant of a file is asked, with what is known already. */
export const fileQuestionsAnswer = z.strictObject({
  ...list,
  sizeClass: z.string(),
  questions: z.array(asked.extend({ known: factValue.nullable() })),
});
