import { z } from 'zod';
import { alternative, question } from '@aeo/programmes/files';
import { day, factValue, instant, strings, texts } from './answer-parts.ts';
import { certificate, afterCommand } from './answers.ts';

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

const keyed = <Value extends z.ZodType>(value: Value) => z.record(z.string(), value);
/** The parts of a firm's record. */
const recorded = {
  facts: keyed(period),
  statements: keyed(z.strictObject({ value: factValue, origin, at: instant })),
  evidence: keyed(evidence),
  consents: keyed(z.strictObject({ given: z.boolean(), at: instant })),
  delegations: keyed(z.strictObject({ until: instant.nullable() })),
};
const particulars = {
  site: keyed(site),
  person: keyed(person),
  groupFirm: keyed(groupFirm),
  reliedUponParty: keyed(reliedUponParty),
};
const profile = z.strictObject({ name, identifiers: z.array(claim), sizeClass: z.string() });
const operatorId = z.string();

export const recordAnswer = z.strictObject({
  operatorId,
  profile,
  ...recorded,
  certificates: keyed(certificate),
  particulars: z.strictObject(particulars),
});

/** The answer to a command on a firm's record: the part that was changed, as it is now. */
const recordPart = <Shape extends z.ZodRawShape>(shape: Shape) =>
  afterCommand(z.strictObject({ operatorId, ...shape }));

export const identifiersAnswer = recordPart({ identifiers: z.array(claim) });
export const statementsAnswer = recordPart({ statements: recorded.statements });
export const consentsAnswer = recordPart({ consents: recorded.consents });
export const delegationsAnswer = recordPart({ delegations: recorded.delegations });
export const evidenceAnswer = recordPart({ evidenceId: z.string(), ...evidence.shape });
export const certificatesAnswer = recordPart({ certificates: z.array(certificate) });
export const particularsAnswer = (path: string, kind: keyof typeof particulars) =>
  recordPart({ [path]: particulars[kind] });

const askedQuestion = z.strictObject({ question, criteria: strings, when: z.enum(['always', 'depends']) });
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

/** The questions for a firm of a size. */
export const questionsAnswer = titleAnswer.extend({ ...list, questions: z.array(askedQuestion) });

/** The questions of an application, with the answers that are known already. */
export const applicationQuestionsAnswer = z.strictObject({
  ...list,
  sizeClass: z.string(),
  questions: z.array(askedQuestion.extend({ known: factValue.nullable() })),
});
