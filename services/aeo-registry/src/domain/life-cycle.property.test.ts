import fc from 'fast-check';
import { expect, test } from 'vitest';
import { propertyLimitMs, propertyRuns } from '../../../../tests/setup/property-runs.ts';
import { registered, operatorStory, type Story } from '../../../../tests/setup/registry/operator-story.ts';
import type { Command } from './operator/decide.ts';
import type { Event } from './operator/event.ts';
import { openSteps, submissionStepOf } from './application/application-steps.ts';
import { evolve, type Operator } from './operator/operator.ts';
import type { ProgrammeDefinition } from '@aeo/programmes';

const { programmes } = operatorStory().context();
const written = programmes.all.filter(({ id }) => id !== 'demonstration');
const ids = ['a', 'b'];
const persons = ['applicant', 'first officer', 'second officer', 'third officer'];

/** Whatever somebody might ask for under a programme, in and out of order, for two applications. */
function commandsUnder(programme: ProgrammeDefinition): fc.Arbitrary<Command> {
  const { id: programmeId } = programme;
  const applicationId = fc.constantFrom(...ids);
  const certificateId = fc.constantFrom(
    ...Array.from({ length: 6 }, () => 'c-a'),
    ...ids.flatMap((id) => [`c-${id}`, ...programme.components.map((each) => `c-${id}-${each.id}`)]),
  );
  const tiers = fc.subarray(programme.tiers.map(({ id }) => id));
  const applied = fc.record({
    tiers,
    roles: fc.constant<string[]>([]),
    designatedFor: fc.constant<string[]>([]),
    renewal: fc.boolean(),
  });
  const taken = fc.constantFrom(
    ...programme.steps.flatMap(({ id, outcomes }) => outcomes.map((outcome) => ({ step: id, outcome }))),
  );
  const agency = fc.constantFrom(undefined, ...programme.agencies.map(({ id }) => id));
  const files = fc.constantFrom('DecideApplication' as const, 'ApproveDecision' as const);
  const reasons = { reason: fc.constant('why') };
  return fc.oneof(
    ...[
      fc.record({ ...typed('StartDraft'), applicationId, programmeId: fc.constant(programmeId), applied }),
      fc.record({ ...typed('SubmitApplication'), applicationId, programmeId: fc.constant(programmeId) }),
      fc.record({ ...typed('WithdrawApplication'), applicationId, ...reasons }),
      fc.record({ ...typed('RejectProposal'), applicationId, ...reasons }),
      fc.record({ ...typed('OpenAppeal'), applicationId, ground: fc.constant('why') }),
      fc.record({ ...typed('DecideAppeal'), applicationId, upheld: fc.boolean(), note: fc.constant('why') }),
      fc.record({
        ...typed('SuspendCertificate'),
        certificateId,
        ...reasons,
        effectiveFrom: fc.constant(null),
      }),
      fc.record({ ...typed('ReinstateCertificate'), certificateId, ...reasons }),
      fc.record({ ...typed('RevokeCertificate'), certificateId, ...reasons }),
      fc.record({ ...typed('HoldHearing'), certificateId, note: fc.constant('heard') }),
      fc.tuple(certificateId, fc.constantFrom(...programme.transitions)).map(
        ([
          held,
          {
            on,
            reasons: [first],
          },
        ]) => ({
          type: 'GiveNotice' as const,
          certificateId: held,
          act: on === 'revoke' ? on : ('suspend' as const),
          reasonId: first?.id ?? '',
          reason: 'why',
        }),
      ),
    ].map((arbitrary) => ({ arbitrary: arbitrary as fc.Arbitrary<Command>, weight: 1 })),
    {
      arbitrary: fc.tuple(applicationId, taken, agency).map(([id, step, speaking]): Command => ({
        type: 'TakeStep',
        applicationId: id,
        ...step,
        agency: speaking,
      })),
      weight: 6,
    },
    {
      arbitrary: fc
        .tuple(files, applicationId)
        .map(([type, id]): Command => ({ type, applicationId: id, certificateId: `c-${id}` })),
      weight: 5,
    },
    { arbitrary: fc.constant<Command>({ type: 'ProcessDeadlines' }), weight: 2 },
  );
}

function typed<Type extends Command['type']>(type: Type) {
  return { type: fc.constant(type) };
}

/** Records everything that a programme can require, so that grants happen too; in a tenth of the cases one fact is missing. */
function recordWholeCase(story: Story, programme: ProgrammeDefinition, isWhole: boolean): void {
  const value = { number: 9, boolean: true, text: 'yes', date: '2020-01-01', dates: [] as string[] };
  const person = { name: 'A person', position: 'Clerk', leftOn: null };
  story.send({ type: 'RecordParticular', kind: 'person', id: 'p', particular: person });
  for (const { id, type, origin, choices } of isWhole ? programme.facts : programme.facts.slice(1)) {
    const said = choices?.[0] ?? (/insolvencyFree|sharedPremises|outsourced$/.test(id) ? true : value[type]);
    const by = origin === 'registry' ? 'authority' : origin;
    story.send({ type: 'RecordFacts', programmeId: programme.id, origin: by, facts: { [id]: said } });
  }
  for (const { id: type, personBound, validForDays } of programme.evidenceTypes)
    story.send({
      type: 'RecordEvidence',
      evidenceId: type,
      evidence: {
        programmeId: programme.id,
        type,
        sha256: 'c'.repeat(64),
        bytes: 10,
        mediaType: 'application/pdf',
        issuedOn: validForDays === null ? null : story.context().now.slice(0, 10),
        validUntil: null,
        person: personBound ? 'p' : null,
      },
    });
}

type Outcome = { events: Event[]; state: Operator | undefined };

function play(programme: ProgrammeDefinition, isWhole: boolean, steps: readonly GeneratedStep[]): Outcome {
  const story = operatorStory('2026-05-04T08:00:00.000Z').send(registered);
  recordWholeCase(story, programme, isWhole);
  let now = Date.parse('2026-05-04T08:00:00.000Z');
  for (const { command, person, days } of steps) {
    now += days * 86_400_000;
    const next = command === 'continue' ? nextCommandOf(story, programme) : command;
    // Most random commands are refused, as the property allows.
    story.as(person).on(new Date(now).toISOString()).send(next).refusal();
  }
  return { events: story.events(), state: story.state() };
}

/** The command that moves the application forward: random commands alone would rarely reach a decision. */
function nextCommandOf(story: Story, programme: ProgrammeDefinition): Command {
  const applicationId = 'a';
  const file = story.state().applications[applicationId];
  const submission: Command = { type: 'SubmitApplication', applicationId, programmeId: programme.id };
  const named = { applicationId, programmeId: programme.id };
  if (file === undefined) return { ...named, type: 'StartDraft', applied: { ...everything, tiers: [] } };
  const open = openSteps(programme, file).filter(({ opensOn }) => opensOn === undefined);
  const [step] = open.filter(({ kind }) => kind !== 'decide');
  if (file.status === 'draft' && (step === undefined || step === submissionStepOf(programme)))
    return submission;
  const spoken = file.taken.filter((each) => each.step === step?.id).length;
  const speaking = programme.agencies.filter(({ steps }) => steps.includes(step?.id ?? ''));
  const agency = speaking[spoken % Math.max(1, speaking.length)]?.id;
  if (step !== undefined)
    return { type: 'TakeStep', applicationId, step: step.id, outcome: step.outcomes[0] ?? '', agency };
  const type = file.proposal === null ? 'DecideApplication' : 'ApproveDecision';
  return { type, applicationId, certificateId: `c-${applicationId}` };
}

const everything = { roles: [], designatedFor: [], renewal: false };

type GeneratedStep = { command: Command | 'continue'; person: string; days: number };

const plays = fc.constantFrom(...written).chain((programme) =>
  fc.record({
    programme: fc.constant(programme),
    isWhole: fc.integer({ min: 0, max: 9 }).map((tenth) => tenth > 0),
    steps: fc.array(
      fc.record({
        command: fc.oneof(
          { arbitrary: commandsUnder(programme), weight: 2 },
          { arbitrary: fc.constant('continue' as const), weight: 1 },
        ),
        person: fc.constantFrom(...persons),
        days: fc.oneof(
          { arbitrary: fc.constantFrom(0, 0, 0, 1), weight: 9 },
          { arbitrary: fc.constantFrom(31, 121, 400), weight: 1 },
        ),
      }),
      { minLength: 10, maxLength: 60 },
    ),
  }),
);

function ended(status: string): boolean {
  return status === 'revoked' || status === 'expired';
}

/** What no order of commands may lead to. */
function expectLegal({ events, state }: Outcome): void {
  const standing = Object.values(state?.certificates ?? {}).filter(({ status }) => !ended(status));
  const components = standing.map(({ component }) => component);
  expect(new Set(components).size).toBe(components.length);
  for (const application of Object.values(state?.applications ?? {})) {
    if (application.status === 'granted') expect(new Set(application.decidedBy).size).toBe(2);
    if (application.status !== 'submitted') expect(application.proposal).toBeNull();
    const clocks = application.acted.map(({ clock }) => clock);
    expect(new Set(clocks).size).toBe(clocks.length);
  }
  let before: Operator | undefined;
  for (const event of events) {
    const after = evolve(before, event);
    for (const [id, held] of Object.entries(before?.certificates ?? {}))
      if (ended(held.status)) expect(after.certificates[id]).toEqual(held);
    for (const [id, { revision }] of Object.entries(before?.applications ?? {}))
      expect(after.applications[id]!.revision).toBeGreaterThanOrEqual(revision);
    before = after;
  }
  expect(before).toEqual(state);
}

test(
  'any sequence of commands gives legal states, and the events alone rebuild them',
  () => {
    fc.assert(
      fc.property(plays, ({ programme, isWhole, steps }) => expectLegal(play(programme, isWhole, steps))),
      { numRuns: propertyRuns },
    );
  },
  propertyLimitMs,
);

test('the sequences that are tried lead to grants, refusals, suspensions, revocations, expiries and appeals', () => {
  const seen = new Set<string>();
  for (const { programme, isWhole, steps } of fc.sample(plays, { numRuns: 1_200, seed: 7 }))
    for (const { type } of play(programme, isWhole, steps).events) seen.add(type);
  expect([...seen]).toEqual(
    expect.arrayContaining([
      'ApplicationGranted',
      'CertificateGranted',
      'ApplicationRefused',
      'ApplicationWithdrawn',
      'CertificateSuspended',
      'CertificateReinstated',
      'CertificateRevoked',
      'ClockExpired',
      'AppealOpened',
    ]),
  );
});
