import { z } from 'zod';
import { described, id, language, monthDay, sourced, texts, unknownOr } from './schema-parts.ts';

const event = described(z.string().min(1), 'An outcome of a step');
const named = { id, label: texts, ...sourced };

const length = z.strictObject({
  n: z.int().min(1).max(3_660),
  unit: z.enum(['calendarDay', 'workingDay', 'month']),
});
const term = z.strictObject({ n: z.int().min(1).max(100), unit: z.enum(['month', 'year']) });

const step = z.strictObject({
  ...named,
  actor: z.enum(['applicant', 'customs', 'auditor', 'agency', 'coach']),
  kind: z.enum([
    'precheck',
    'coaching',
    'submit',
    'completeness',
    'desk',
    'siteVisit',
    'test',
    'externalAudit',
    'joint',
    'decide',
    'appeal',
  ]),
  needs: described(z.array(id), 'Steps that come before; several at once may run side by side'),
  outcomes: z.array(event).min(1),
  passes: described(
    z.array(event).min(1),
    'Outcomes after which the steps that need this one may begin; left out: the first outcome',
  ).optional(),
  opensOn: described(
    z.array(event).min(1),
    'Outcomes of the steps it needs that open it, such as documents that were asked for',
  ).optional(),
  ends: described(
    z.array(z.strictObject({ outcome: event, as: z.enum(['refused', 'withdrawn']) })),
    'Outcomes with which the whole file is over',
  ).optional(),
  tiers: z.array(id).optional(),
});

const clock = z.strictObject({
  ...named,
  tiers: z.array(id).optional(),
  runsFor: z.enum(['authority', 'applicant']),
  startsOn: event,
  stopsOn: z.array(event),
  limit: unknownOr(length),
  nature: z.enum(['statutory', 'target']),
  pauses: z.array(z.strictObject({ from: event, until: event })),
  extension: z.strictObject({ by: length, who: z.string(), reasonRequired: z.boolean() }).optional(),
  onExpiry: z.enum(['escalate', 'deemedRefused', 'deemedGranted', 'deemedWithdrawn', 'none']),
});

const validity = z.strictObject({
  ...sourced,
  tiers: z.array(id).min(1),
  mode: unknownOr(z.enum(['fixedTerm', 'unlimitedWithReview', 'rollingDeclaration'])),
  term: unknownOr(term).optional(),
  renewWindow: described(
    z.strictObject({ opensDays: unknownOr(z.int()), closesDays: unknownOr(z.int()) }),
    'In days before the end of the term',
  ).optional(),
  continuesWhileRenewalPending: unknownOr(z.boolean()),
  periodicDuty: z.strictObject({ from: monthDay, to: monthDay, form: z.string() }).optional(),
  onMissedDuty: unknownOr(z.enum(['review', 'suspend', 'lapse'])).optional(),
});

const benefit = z.strictObject({
  ...named,
  tiers: z.array(id).min(1),
  scope: z.enum(['domestic', 'mraPartner', 'agency']),
  kind: z.enum(['inspectionRate', 'amountFactor', 'timeTarget', 'priority', 'access', 'fee']),
  metric: z.strictObject({
    name: z.string().min(1),
    comparator: z.enum(['ratioToBaseline', 'absolute', 'boolean']),
    value: unknownOr(z.union([z.number(), z.boolean()])),
    baseline: z.string().optional(),
    unit: z.string().optional(),
  }),
  guaranteed: unknownOr(z.boolean()),
  tfa77: described(
    z.string().regex(/^[a-g]$/),
    'Measure of article 7.7.3 of the WTO Trade Facilitation Agreement',
  ).optional(),
  activation: texts.optional(),
});

const obligation = z.strictObject({
  ...named,
  trigger: z.string().min(1),
  due: unknownOr(length),
  form: z.string().min(1),
});

const transition = z.strictObject({
  ...named,
  on: z.enum(['suspend', 'reinstate', 'revoke', 'downgrade', 'upgrade', 'expire', 'repair']),
  tiers: described(z.array(id).min(1), 'What is lost or regained'),
  reasons: z
    .array(
      z.strictObject({
        id,
        label: texts,
        failedCriteria: described(z.array(id), 'Criteria whose failure leads to it').optional(),
      }),
    )
    .min(1),
  notice: unknownOr(length).optional(),
  hearing: unknownOr(z.boolean()).optional(),
  remedy: unknownOr(length).optional(),
  bar: described(unknownOr(term), 'For how long there is no new application').optional(),
  effective: unknownOr(z.enum(['decision', 'notification', 'dayAfterNotification'])).optional(),
});

const consent = z.strictObject({
  ...named,
  purpose: z.string().min(1),
  mode: z.enum(['general', 'perArrangement']),
  withdrawable: unknownOr(z.boolean()),
});

const support = z.strictObject({
  label: texts,
  ...sourced,
  kind: z.enum(['helpdesk', 'training', 'coaching', 'accountManager', 'template', 'subsidy']),
  channel: z.string().min(1),
  languages: z.array(language),
});

/** The lists of a programme that say how a file is decided and what comes of it. */
export const procedureLists = {
  steps: z.array(step).min(1),
  clocks: z.array(clock),
  validity: z.array(validity),
  benefits: z.array(benefit),
  obligations: z.array(obligation),
  transitions: z.array(transition),
  consents: z.array(consent),
  support: z.array(support),
  fees: z.array(
    z.strictObject({
      event: z.string().min(1),
      amount: unknownOr(z.number().min(0)),
      currency: z.string(),
      ...sourced,
    }),
  ),
  agencies: z.array(z.strictObject({ ...named, steps: z.array(id), sharesEvidence: unknownOr(z.boolean()) })),
};
