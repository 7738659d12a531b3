import { pageOf } from '@aeo/platform/http';
import { z } from 'zod';
import { day, factValue, instant, strings, texts } from './answer-parts.ts';

/** What a command adds to its answer: the time of the answer, and a token of the published version. */
const answered = {
  answeredAt: instant,
  minVersion: z.string().meta({ description: 'Opaque; a border node given it has seen this' }),
};

/** The answer to a command that changed this. */
export const afterCommand = <Shape extends z.ZodRawShape>(changed: z.ZodObject<Shape>) =>
  changed.extend(answered);

const criterionResult = z.strictObject({
  criterionId: z.string(),
  tier: z.string(),
  outcome: z.enum(['met', 'not_met', 'unknown']),
  factsRead: strings,
  text: z.string(),
});

const stepTaken = z.strictObject({
  step: z.string(),
  outcome: z.string(),
  on: day,
  by: z.string().optional(),
  agency: z.string().optional(),
  favourable: z.boolean().optional(),
  note: z.string().optional(),
});

const stepOpen = z.strictObject({
  id: z.string(),
  label: texts,
  kind: z.string(),
  outcomes: strings,
  actor: z.enum(['applicant', 'customs', 'auditor', 'agency', 'coach']),
});

const clockState = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('notStarted') }),
  z.strictObject({ status: z.literal('running'), startedOn: day, dueOn: day }),
  z.strictObject({ status: z.literal('unlimited'), startedOn: day }),
  z.strictObject({ status: z.literal('paused'), startedOn: day, since: day }),
  z.strictObject({ status: z.literal('stopped'), startedOn: day, on: day, dueOn: day.nullable() }),
  z.strictObject({ status: z.literal('expired'), startedOn: day, dueOn: day }),
]);

const runningClock = z.strictObject({
  id: z.string(),
  label: texts,
  runsFor: z.enum(['authority', 'applicant']),
  nature: z.enum(['statutory', 'target']),
  state: clockState,
  onExpiry: z.enum(['escalate', 'deemedRefused', 'deemedGranted', 'deemedWithdrawn', 'none']),
});

const proposal = z.strictObject({
  by: z.string(),
  at: instant,
  results: z.array(criterionResult),
  tiers: z.record(z.string(), z.string().nullable()),
});

const appeal = z.strictObject({
  ground: z.string(),
  by: z.string().optional(),
  openedAt: instant,
  decided: z.strictObject({ upheld: z.boolean(), note: z.string(), by: z.string(), at: instant }).nullable(),
});

const status = z.enum(['draft', 'submitted', 'granted', 'refused', 'withdrawn']);
const named = {
  operatorId: z.string(),
  applicationId: z.string(),
  programmeId: z.string(),
  programmeVersion: z.int().nullable(),
};

/** An application, whole. */
export const applicationAnswer = z
  .strictObject({
    ...named,
    programmeName: texts,
    status,
    revision: z.int(),
    tiers: strings,
    roles: strings,
    designatedFor: strings,
    renewal: z.boolean(),
    answers: z.record(z.string(), factValue),
    stepsTaken: z.array(stepTaken),
    stepsOpen: z.array(stepOpen),
    clocks: z.array(runningClock),
    proposal: proposal.nullable(),
    results: z.array(criterionResult),
    decidedBy: strings,
    certificateIds: strings,
    appeals: z.array(appeal),
  })
  .meta({ id: 'file' });

/** Applications as a list shows them. */
export const applicationsAnswer = pageOf(
  z.strictObject({ ...named, status, tiers: strings, renewal: z.boolean(), revision: z.int() }),
);

const notice = z.strictObject({
  act: z.string(),
  reasonId: z.string(),
  reason: z.string(),
  givenAt: instant,
  until: day.nullable(),
  heardAt: instant.nullable(),
});

export const certificate = z.strictObject({
  certificateId: z.string(),
  programmeId: z.string(),
  programmeVersion: z.int(),
  component: z.string(),
  purposes: strings,
  tier: z.string(),
  credits: z.record(z.string(), z.number()),
  status: z.enum(['active', 'suspended', 'revoked', 'expired']),
  grantedAt: instant,
  tierSince: instant,
  decidedAt: instant,
  notifiedAt: instant.nullable(),
  effectiveFrom: instant,
  validUntil: instant.nullable(),
  continuesFor: z.string().nullable(),
  notice: notice.nullable(),
  duties: z.record(z.string(), z.enum(['fulfilled', 'missed'])),
  lapsedProofs: z.record(z.string(), day),
});

export const certificateAnswer = afterCommand(certificate.extend({ operatorId: z.string() })).meta({
  id: 'certificateAfterCommand',
});

const entry = z.strictObject({
  type: z.string(),
  decidedAt: instant,
  notifiedAt: instant.nullable(),
  effectiveFrom: instant,
  recordedAt: instant,
  by: z.string(),
  reason: z.string().nullable(),
  reasonId: z.string().nullable(),
});

/** A certificate as of an instant, and what happened to it. */
export const historyAnswer = z.strictObject({
  certificateId: z.string(),
  operatorId: z.string(),
  asOf: instant,
  knownAt: instant,
  certificate: certificate.nullable(),
  entries: z.array(entry),
});
