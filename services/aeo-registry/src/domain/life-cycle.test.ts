import { expect, test } from 'vitest';
import {
  programmesWith,
  registered,
  operatorStory,
  typesOf,
  type Story,
} from '../../../../tests/setup/registry/operator-story.ts';
import type { Command } from './operator/decide.ts';
import type { Evidence } from './operator/event.ts';
import { nextDeadline } from './deadlines/process-deadlines.ts';
import { replayDecision } from './application/replay-decision.ts';

const evidence = (programmeId: string, type: string, more: Partial<Evidence> = {}): Command => ({
  type: 'RecordEvidence',
  evidenceId: `${programmeId}-${type}`,
  evidence: {
    programmeId,
    type,
    sha256: 'a'.repeat(64),
    bytes: 1_000,
    mediaType: 'application/pdf',
    issuedOn: null,
    validUntil: null,
    person: null,
    ...more,
  },
});

const facts = (programmeId: string, said: Record<string, number | boolean | string | string[]>): Command => ({
  type: 'RecordFacts',
  programmeId,
  origin: 'authority',
  facts: said,
});

const applied = (tiers: string[], more = {}) => ({
  tiers,
  roles: [],
  designatedFor: [],
  renewal: false,
  ...more,
});

const start = (programmeId: string, tiers: string[], applicationId = 'a', more = {}): Command => ({
  type: 'StartDraft',
  applicationId,
  programmeId,
  applied: applied(tiers, more),
});
const answer = (answers: Record<string, number | boolean | string>, applicationId = 'a'): Command => ({
  type: 'SaveDraft',
  applicationId,
  applied: {},
  answers,
});
const submit = (programmeId: string, applicationId = 'a'): Command => ({
  type: 'SubmitApplication',
  applicationId,
  programmeId,
});
const step = (id: string, outcome: string, applicationId = 'a', more = {}): Command => ({
  type: 'TakeStep',
  applicationId,
  step: id,
  outcome,
  ...more,
});
const propose = (applicationId = 'a'): Command => ({
  type: 'DecideApplication',
  applicationId,
  certificateId: `c-${applicationId}`,
});
const approve = (applicationId = 'a'): Command => ({
  type: 'ApproveDecision',
  applicationId,
  certificateId: `c-${applicationId}`,
});
const look: Command = { type: 'ProcessDeadlines' };

const europeanAnswers = {
  staff: 20,
  turnover: 5,
  balanceSheet: 4,
  recordsAuditable: true,
  logisticalRecords: true,
  insolvencyFree: true,
  solventYears: 3,
  yearsEstablished: 8,
  experienceYears: 5,
  qualified: true,
  securityInOrder: true,
  sharedPremises: false,
};

/** A firm with everything both statuses ask for, whose file was submitted. */
function european(story = operatorStory('2026-03-02T09:00:00.000Z')): Story {
  const person = { name: 'A person', position: 'Head of customs', leftOn: null };
  return story.send(
    registered,
    { type: 'RecordParticular', kind: 'person', id: 'p', particular: person },
    facts('eu-aeo', { seriousInfringements: [] }),
    ...['saq', 'visit-report', 'audited-accounts', 'security-plan'].map((type) => evidence('eu-aeo', type)),
    evidence('eu-aeo', 'competence-record', { person: 'p' }),
    start('eu-aeo', ['AEOC', 'AEOS']),
    answer(europeanAnswers),
    submit('eu-aeo'),
  );
}

/** The same with a certificate of each component. */
function bothGranted(begun?: Story): Story {
  const story = european(begun).send(step('acceptance', 'accepted'), step('audit', 'audited'), propose());
  return story.as('second officer').send(approve()).as('first officer');
}

test('an application goes from draft to decision by its steps, and a second person grants a certificate of each component', () => {
  const story = european();
  expect(story.send(propose()).refusal()).toBe('STEP_NOT_OPEN');
  expect(story.send(step('audit', 'audited')).refusal()).toBe('STEP_NOT_OPEN step');
  story.send(step('acceptance', 'accepted'), step('audit', 'adjustmentsAsked'));
  expect(story.send(propose()).refusal()).toBe('STEP_NOT_OPEN');
  expect(story.send(step('adjustment', 'adjusted'), step('audit', 'audited')).refusal()).toBeUndefined();
  const before = story.events().length;
  story.send(propose(), propose());
  expect(typesOf(story, before)).toEqual(['GrantProposed']);
  expect(story.state().certificates).toEqual({});
  expect(story.send(approve()).refusal()).toBe('SAME_PERSON');
  story.as('second officer').send(approve(), approve());
  expect(typesOf(story, before)).toEqual([
    'GrantProposed',
    'StepTaken',
    'ApplicationGranted',
    'CertificateGranted',
    'CertificateGranted',
  ]);
  const held = Object.values(story.state().certificates).map(({ tier, status }) => [tier, status]);
  expect(held).toEqual([
    ['AEOC', 'active'],
    ['AEOS', 'active'],
  ]);
  expect(story.state().applications['a']).toMatchObject({
    status: 'granted',
    decidedBy: ['first officer', 'second officer'],
  });
});

test('a proposal is refused once the facts it was made on have changed', () => {
  const story = european().send(step('acceptance', 'accepted'), step('audit', 'audited'), propose());
  story.send(facts('eu-aeo', { seriousInfringements: ['2026-02-01'] }));
  expect(story.as('second officer').send(approve()).refusal()).toBe('PROPOSAL_OUTDATED');
  expect(
    story.send({ type: 'RejectProposal', applicationId: 'a', reason: 'a new case' }).refusal(),
  ).toBeUndefined();
  const before = story.events().length;
  story.send(propose());
  expect(typesOf(story, before)).toEqual(['StepTaken', 'ApplicationRefused']);
});

test('a failed criterion suspends the tiers that the programme lists, and no others', () => {
  const failed = (criterion: string) => {
    const report: Command = {
      type: 'ReportFailedCriterion',
      programmeId: 'eu-aeo',
      criterion,
      reason: 'found',
    };
    const { certificates } = bothGranted().send(report).state();
    return Object.fromEntries(Object.values(certificates).map(({ tier, status }) => [tier, status]));
  };
  expect(failed('competence')).toEqual({ AEOC: 'suspended', AEOS: 'active' });
  expect(failed('security')).toEqual({ AEOC: 'active', AEOS: 'suspended' });
  expect(failed('solvency')).toEqual({ AEOC: 'suspended', AEOS: 'suspended' });
});

test('a revocation requires the notice and the hearing of the programme', () => {
  const story = bothGranted();
  const revoke: Command = { type: 'RevokeCertificate', certificateId: 'c-a', reason: 'fraud' };
  expect(story.send(revoke).refusal()).toBe('NOTICE_NEEDED');
  const notice: Command = {
    type: 'GiveNotice',
    certificateId: 'c-a',
    act: 'revoke',
    reasonId: 'failed',
    reason: 'fraud',
  };
  expect(story.send(notice).refusal()).toBeUndefined();
  expect(story.state().certificates['c-a']?.notice?.until).toBe('2026-04-01');
  expect(story.on('2026-04-01T12:00:00.000Z').send(revoke).refusal()).toBe('NOTICE_NEEDED');
  expect(story.on('2026-04-02T12:00:00.000Z').send(revoke).refusal()).toBe('HEARING_NEEDED');
  story.send({ type: 'HoldHearing', certificateId: 'c-a', note: 'nothing was said' }, revoke);
  expect(story.state().certificates['c-a']).toMatchObject({ status: 'revoked', notice: null });
  expect(story.state().certificates['c-a-security']?.status).toBe('active');
});

test('a suspension that requires notice is refused until the notice is over', () => {
  const warning = programmesWith('eu-aeo', (programme) => ({
    ...programme,
    transitions: programme.transitions.map((each) =>
      each.on === 'suspend' ? { ...each, notice: { n: 10, unit: 'calendarDay' } } : each,
    ),
  }));
  const story = bothGranted(operatorStory('2026-03-02T09:00:00.000Z', warning));
  const suspend: Command = {
    type: 'SuspendCertificate',
    certificateId: 'c-a',
    reason: 'a debt',
    effectiveFrom: null,
  };
  const before = story.events().length;
  expect(story.send(suspend).refusal()).toBe('NOTICE_NEEDED');
  story.send({
    type: 'GiveNotice',
    certificateId: 'c-a',
    act: 'suspend',
    reasonId: 'shared',
    reason: 'a debt',
  });
  expect(story.state().certificates['c-a']?.notice?.until).toBe('2026-03-12');
  expect(story.on('2026-03-12T12:00:00.000Z').send(suspend).refusal()).toBe('NOTICE_NEEDED');
  expect(typesOf(story, before)).toEqual(['NoticeGiven']);
  expect(story.on('2026-03-13T12:00:00.000Z').send(suspend).refusal()).toBeUndefined();
  expect(story.state().certificates['c-a']).toMatchObject({
    status: 'suspended',
    notice: null,
    effectiveFrom: '2026-03-13T12:00:00.000Z',
  });
});

test('an act that the programme does not provide for is refused', () => {
  const story = bothGranted();
  const downgrade: Command = {
    type: 'DowngradeCertificate',
    certificateId: 'c-a',
    tier: 'AEOC',
    reason: 'why',
  };
  expect(story.send(downgrade).refusal()).toBe('FIELD_RANGE tier');
  const notice = { type: 'GiveNotice', certificateId: 'c-a', act: 'downgrade' } as const;
  expect(story.send({ ...notice, reasonId: 'any', reason: 'why' }).refusal()).toBe(
    'TRANSITION_NOT_FORESEEN act',
  );
});

test('a suspension and a revocation keep the reason of the programme that they name, and name no other', () => {
  const story = bothGranted();
  const suspend = (reasonId: string): Command => ({
    type: 'SuspendCertificate',
    certificateId: 'c-a',
    reason: 'a debt',
    reasonId,
    effectiveFrom: null,
  });
  expect(story.send(suspend('failed')).refusal()).toBe('FIELD_UNKNOWN_VALUE reasonId');
  story.send(suspend('shared'), {
    type: 'GiveNotice',
    certificateId: 'c-a',
    act: 'revoke',
    reasonId: 'failed',
    reason: 'a debt',
  });
  const revoke = { type: 'RevokeCertificate', certificateId: 'c-a', reason: 'a debt' } as const;
  story.on('2026-04-02T12:00:00.000Z').send({ type: 'HoldHearing', certificateId: 'c-a', note: 'none' });
  expect(story.send({ ...revoke, reasonId: 'shared' }).refusal()).toBe('FIELD_UNKNOWN_VALUE reasonId');
  expect(story.send({ ...revoke, reasonId: 'failed' }).refusal()).toBeUndefined();
  expect(story.events()).toContainEqual(
    expect.objectContaining({ type: 'CertificateSuspended', reasonId: 'shared' }),
  );
  expect(story.events().at(-1)).toMatchObject({ type: 'CertificateRevoked', reasonId: 'failed' });
});

test('a person who leaves fails the criterion of competence, and no other', () => {
  const story = european().send(step('acceptance', 'accepted'), step('audit', 'audited'));
  const gone = { name: 'A person', position: 'Head of customs', leftOn: '2026-03-01' };
  story.send({ type: 'RecordParticular', kind: 'person', id: 'p', particular: gone }, propose());
  expect(story.state().applications['a']?.proposal?.tiers).toEqual({
    simplifications: null,
    security: 'AEOS',
  });
});

test('a deadline escalates once, on the day after its last day, excludes pauses, and is not processed twice', () => {
  const story = european().send(step('acceptance', 'accepted'));
  const expired = () => story.events().filter(({ type }) => type === 'ClockExpired');
  story.on('2026-03-12T09:00:00.000Z').send(step('audit', 'adjustmentsAsked'));
  expect(nextDeadline(story.state(), story.context())).toBeNull();
  story.on('2026-04-11T09:00:00.000Z').send(step('adjustment', 'adjusted'), look);
  expect(expired()).toEqual([]);
  // 120 days from 2 March, and the thirty of the pause.
  expect(nextDeadline(story.state(), story.context())).toBe('2026-07-30T22:00:00.000Z');
  story.on('2026-07-30T21:59:59.000Z').send(look);
  expect(expired()).toEqual([]);
  story.on('2026-07-30T22:00:00.000Z').send(look, look).on('2026-12-01T00:00:00.000Z').send(look);
  expect(expired()).toMatchObject([{ clock: 'decision', dueOn: '2026-07-30', action: 'escalate' }]);
  expect(nextDeadline(story.state(), story.context())).toBeNull();
});

test('a clock is extended once, with a reason, where the programme provides for it', () => {
  const story = european().send(step('acceptance', 'accepted'));
  const extend = (clock: string): Command => ({
    type: 'ExtendClock',
    applicationId: 'a',
    clock,
    reason: 'abroad',
  });
  expect(story.send(extend('acceptance')).refusal()).toBe('EXTENSION_NOT_FORESEEN clock');
  expect(story.send(extend('decision')).refusal()).toBeUndefined();
  expect(story.send(extend('decision')).refusal()).toBe('OUT_OF_ORDER');
  story.on('2026-06-30T22:00:00.000Z').send(look);
  expect(typesOf(story)).not.toContain('ClockExpired');
  story.on('2026-08-29T22:00:00.000Z').send(look);
  expect(typesOf(story)).toContain('ClockExpired');
});

test('an application is withdrawn when the applicant misses a deadline, where the programme says so', () => {
  const programmes = programmesWith('ma-oea', (programme) => ({
    ...programme,
    clocks: programme.clocks.map((each) => ({ ...each, onExpiry: 'deemedWithdrawn' as const })),
  }));
  const story = operatorStory(undefined, programmes).send(
    registered,
    start('ma-oea', []),
    submit('ma-oea'),
    step('eligibility', 'eligible'),
  );
  story.on('2026-09-02T22:00:00.000Z').send(look);
  expect(story.state().applications['a']?.status).toBe('submitted');
  story.on('2026-09-03T12:00:00.000Z').send(look, look);
  expect(story.state().applications['a']?.status).toBe('withdrawn');
  expect(typesOf(story).filter((type) => type === 'ApplicationWithdrawn')).toHaveLength(1);
});

test('a step of several agencies is passed when the last of them has taken it', () => {
  const story = operatorStory().send(
    registered,
    start('do-oea', []),
    submit('do-oea'),
    step('validation', 'validated'),
  );
  const heard = (agency?: string) =>
    step('joint', 'agenciesHeard', 'a', { agency, favourable: agency !== 'health' });
  expect(story.send(heard()).refusal()).toBe('FIELD_REQUIRED agency');
  expect(story.send(heard('tax')).refusal()).toBe('FIELD_UNKNOWN_VALUE agency');
  story.send(heard('agriculture'), heard('health'));
  expect(story.send(propose()).refusal()).toBe('STEP_NOT_OPEN');
  story.send(heard('environment'), heard('port-security'), heard('airport-security'));
  expect(story.send(propose()).refusal()).toBe('STEP_NOT_OPEN');
  expect(story.send(heard('drug-control'), propose()).refusal()).toBeUndefined();
  const opinions = story.state().applications['a']?.taken.filter(({ favourable }) => favourable === false);
  expect(opinions?.map(({ agency }) => agency)).toEqual(['health']);
});

test('coaching and tests come before the submission', () => {
  const story = operatorStory().send(registered, start('za-aeo', ['AEO-C']));
  expect(story.send(submit('za-aeo')).refusal()).toBe('STEP_NOT_OPEN');
  story.send(step('self-assessment', 'ready'), step('test', 'failed'));
  expect(story.send(submit('za-aeo')).refusal()).toBe('STEP_NOT_OPEN');
  expect(story.send(step('test', 'passed'), submit('za-aeo')).refusal()).toBeUndefined();
});

test('a draft is saved at its own revision only, and its answers count for all programmes', () => {
  const story = european();
  expect(story.send(answer({ staff: 3 })).refusal()).toBe('OUT_OF_ORDER');
  story.send(start('in-aeo', ['T1'], 'b'));
  const stale: Command = { ...answer({ documentsLastYear: 40 }, 'b'), expectedRevision: 7 } as Command;
  expect(story.send(stale).refusal()).toBe('PRECONDITION_FAILED');
  expect(story.send({ ...stale, expectedRevision: 1 } as Command).refusal()).toBeUndefined();
  expect(story.send(answer({ documentsLastYear: 'many' }, 'b')).refusal()).toBe(
    'FIELD_FORMAT answers.documentsLastYear',
  );
  expect(story.send(answer({ nothing: 1 }, 'b')).refusal()).toBe('FIELD_UNKNOWN_VALUE answers.nothing');
  expect(story.send({ ...answer({}, 'b'), answers: { seriousCases: [] } } as Command).refusal()).toBe(
    'FACT_ORIGIN answers.seriousCases',
  );
  // The European file has story that the records can be audited.
  expect(story.state().statements['records-auditable']).toMatchObject({ value: true, origin: 'applicant' });
});

test('evidence of a wrong type or size, without its person or with inverted dates is refused', () => {
  const story = operatorStory().send(registered);
  const refusal = (command: Command) => story.send(command).refusal();
  expect(refusal(evidence('eu-aeo', 'nothing'))).toBe('NOT_FOUND type');
  expect(refusal(evidence('eu-aeo', 'saq', { mediaType: 'image/png' }))).toBe('EVIDENCE_TYPE mediaType');
  expect(refusal(evidence('eu-aeo', 'saq', { bytes: 50_000_000 }))).toBe('EVIDENCE_TOO_LARGE bytes');
  expect(refusal(evidence('eu-aeo', 'competence-record'))).toBe('FIELD_REQUIRED person');
  expect(refusal(evidence('eu-aeo', 'competence-record', { person: 'x' }))).toBe('NOT_FOUND person');
  const inverted = { issuedOn: '2026-02-01', validUntil: '2026-01-01' };
  expect(refusal(evidence('eu-aeo', 'saq', inverted))).toBe('FIELD_RANGE validUntil');
  expect(typesOf(story)).toEqual(['OperatorRegistered']);
});

test('an appeal a year later replays the stored decision, and a third person decides it', () => {
  const story = european().send(facts('eu-aeo', { seriousInfringements: ['2026-02-01'] }));
  story.send(step('acceptance', 'accepted'), step('audit', 'audited'), propose());
  expect(story.state().applications['a']?.status).toBe('refused');
  story.on('2027-03-02T09:00:00.000Z').as('applicant');
  story.send(facts('eu-aeo', { seriousInfringements: [] }));
  story.send({ type: 'OpenAppeal', applicationId: 'a', ground: 'it was not serious' });
  const { decidedOn, results } = story.state().applications['a']!;
  const stored = JSON.parse(JSON.stringify(decidedOn)) as NonNullable<typeof decidedOn>;
  expect(JSON.stringify(replayDecision(stored, story.context()))).toBe(JSON.stringify(results));
  const uphold: Command = { type: 'DecideAppeal', applicationId: 'a', upheld: true, note: 'it was not' };
  expect(story.send(uphold).refusal()).toBe('SAME_PERSON');
  expect(story.as('first officer').send(uphold).refusal()).toBe('SAME_PERSON');
  expect(story.as('third officer').send(uphold).refusal()).toBeUndefined();
  // What was refused wrongly is decided once more, on what is known now.
  expect(story.send(propose()).as('first officer').send(approve()).refusal()).toBeUndefined();
  expect(story.state().applications['a']?.status).toBe('granted');
});

test('an appeal is refused where the replay differs from the stored decision', () => {
  const story = european().send(facts('eu-aeo', { seriousInfringements: ['2026-02-01'] }));
  story.send(step('acceptance', 'accepted'), step('audit', 'audited'), propose());
  story.send({ type: 'OpenAppeal', applicationId: 'a', ground: 'wrong' });
  story.state().applications['a']!.results[0]!.outcome = 'met';
  const dismiss: Command = { type: 'DecideAppeal', applicationId: 'a', upheld: false, note: 'no' };
  expect(story.as('third officer').send(dismiss).refusal()).toBe('REPLAY_DIFFERS');
});
