import { expect, test } from 'vitest';
import {
  programmesWith,
  registered,
  story,
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
function european(told = story('2026-03-02T09:00:00.000Z')): Story {
  const person = { name: 'A person', position: 'Head of customs', leftOn: null };
  return told.tell(
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
  const told = european(begun).tell(step('acceptance', 'accepted'), step('audit', 'audited'), propose());
  return told.as('second officer').tell(approve()).as('first officer');
}

test('an application goes from draft to decision by its steps, and a second person grants a certificate of each component', () => {
  const told = european();
  expect(told.tell(propose()).refusal()).toBe('STEP_NOT_OPEN');
  expect(told.tell(step('audit', 'audited')).refusal()).toBe('STEP_NOT_OPEN step');
  told.tell(step('acceptance', 'accepted'), step('audit', 'adjustmentsAsked'));
  expect(told.tell(propose()).refusal()).toBe('STEP_NOT_OPEN');
  expect(told.tell(step('adjustment', 'adjusted'), step('audit', 'audited')).refusal()).toBeUndefined();
  const before = told.events().length;
  told.tell(propose(), propose());
  expect(typesOf(told, before)).toEqual(['GrantProposed']);
  expect(told.state().certificates).toEqual({});
  expect(told.tell(approve()).refusal()).toBe('SAME_PERSON');
  told.as('second officer').tell(approve(), approve());
  expect(typesOf(told, before)).toEqual([
    'GrantProposed',
    'StepTaken',
    'ApplicationGranted',
    'CertificateGranted',
    'CertificateGranted',
  ]);
  const held = Object.values(told.state().certificates).map(({ tier, status }) => [tier, status]);
  expect(held).toEqual([
    ['AEOC', 'active'],
    ['AEOS', 'active'],
  ]);
  expect(told.state().applications['a']).toMatchObject({
    status: 'granted',
    decidedBy: ['first officer', 'second officer'],
  });
});

test('a proposal is refused once the facts it was made on have changed', () => {
  const told = european().tell(step('acceptance', 'accepted'), step('audit', 'audited'), propose());
  told.tell(facts('eu-aeo', { seriousInfringements: ['2026-02-01'] }));
  expect(told.as('second officer').tell(approve()).refusal()).toBe('PROPOSAL_OUTDATED');
  expect(
    told.tell({ type: 'RejectProposal', applicationId: 'a', reason: 'a new case' }).refusal(),
  ).toBeUndefined();
  const before = told.events().length;
  told.tell(propose());
  expect(typesOf(told, before)).toEqual(['StepTaken', 'ApplicationRefused']);
});

test('a failed criterion suspends the tiers that the programme lists, and no others', () => {
  const failed = (criterion: string) => {
    const report: Command = {
      type: 'ReportFailedCriterion',
      programmeId: 'eu-aeo',
      criterion,
      reason: 'found',
    };
    const { certificates } = bothGranted().tell(report).state();
    return Object.fromEntries(Object.values(certificates).map(({ tier, status }) => [tier, status]));
  };
  expect(failed('competence')).toEqual({ AEOC: 'suspended', AEOS: 'active' });
  expect(failed('security')).toEqual({ AEOC: 'active', AEOS: 'suspended' });
  expect(failed('solvency')).toEqual({ AEOC: 'suspended', AEOS: 'suspended' });
});

test('a revocation requires the notice and the hearing of the programme', () => {
  const told = bothGranted();
  const revoke: Command = { type: 'RevokeCertificate', certificateId: 'c-a', reason: 'fraud' };
  expect(told.tell(revoke).refusal()).toBe('NOTICE_NEEDED');
  const notice: Command = {
    type: 'GiveNotice',
    certificateId: 'c-a',
    act: 'revoke',
    reasonId: 'failed',
    reason: 'fraud',
  };
  expect(told.tell(notice).refusal()).toBeUndefined();
  expect(told.state().certificates['c-a']?.notice?.until).toBe('2026-04-01');
  expect(told.on('2026-04-01T12:00:00.000Z').tell(revoke).refusal()).toBe('NOTICE_NEEDED');
  expect(told.on('2026-04-02T12:00:00.000Z').tell(revoke).refusal()).toBe('HEARING_NEEDED');
  told.tell({ type: 'HoldHearing', certificateId: 'c-a', note: 'nothing was said' }, revoke);
  expect(told.state().certificates['c-a']).toMatchObject({ status: 'revoked', notice: null });
  expect(told.state().certificates['c-a-security']?.status).toBe('active');
});

test('a suspension that requires notice is refused until the notice is over', () => {
  const warning = programmesWith('eu-aeo', (programme) => ({
    ...programme,
    transitions: programme.transitions.map((each) =>
      each.on === 'suspend' ? { ...each, notice: { n: 10, unit: 'calendarDay' } } : each,
    ),
  }));
  const told = bothGranted(story('2026-03-02T09:00:00.000Z', warning));
  const suspend: Command = {
    type: 'SuspendCertificate',
    certificateId: 'c-a',
    reason: 'a debt',
    effectiveFrom: null,
  };
  const before = told.events().length;
  expect(told.tell(suspend).refusal()).toBe('NOTICE_NEEDED');
  told.tell({
    type: 'GiveNotice',
    certificateId: 'c-a',
    act: 'suspend',
    reasonId: 'shared',
    reason: 'a debt',
  });
  expect(told.state().certificates['c-a']?.notice?.until).toBe('2026-03-12');
  expect(told.on('2026-03-12T12:00:00.000Z').tell(suspend).refusal()).toBe('NOTICE_NEEDED');
  expect(typesOf(told, before)).toEqual(['NoticeGiven']);
  expect(told.on('2026-03-13T12:00:00.000Z').tell(suspend).refusal()).toBeUndefined();
  expect(told.state().certificates['c-a']).toMatchObject({
    status: 'suspended',
    notice: null,
    effectiveFrom: '2026-03-13T12:00:00.000Z',
  });
});

test('an act that the programme does not provide for is refused', () => {
  const told = bothGranted();
  const downgrade: Command = {
    type: 'DowngradeCertificate',
    certificateId: 'c-a',
    tier: 'AEOC',
    reason: 'why',
  };
  expect(told.tell(downgrade).refusal()).toBe('FIELD_RANGE tier');
  const notice = { type: 'GiveNotice', certificateId: 'c-a', act: 'downgrade' } as const;
  expect(told.tell({ ...notice, reasonId: 'any', reason: 'why' }).refusal()).toBe(
    'TRANSITION_NOT_FORESEEN act',
  );
});

test('a suspension and a revocation keep the reason of the programme that they name, and name no other', () => {
  const told = bothGranted();
  const suspend = (reasonId: string): Command => ({
    type: 'SuspendCertificate',
    certificateId: 'c-a',
    reason: 'a debt',
    reasonId,
    effectiveFrom: null,
  });
  expect(told.tell(suspend('failed')).refusal()).toBe('FIELD_UNKNOWN_VALUE reasonId');
  told.tell(suspend('shared'), {
    type: 'GiveNotice',
    certificateId: 'c-a',
    act: 'revoke',
    reasonId: 'failed',
    reason: 'a debt',
  });
  const revoke = { type: 'RevokeCertificate', certificateId: 'c-a', reason: 'a debt' } as const;
  told.on('2026-04-02T12:00:00.000Z').tell({ type: 'HoldHearing', certificateId: 'c-a', note: 'none' });
  expect(told.tell({ ...revoke, reasonId: 'shared' }).refusal()).toBe('FIELD_UNKNOWN_VALUE reasonId');
  expect(told.tell({ ...revoke, reasonId: 'failed' }).refusal()).toBeUndefined();
  expect(told.events()).toContainEqual(
    expect.objectContaining({ type: 'CertificateSuspended', reasonId: 'shared' }),
  );
  expect(told.events().at(-1)).toMatchObject({ type: 'CertificateRevoked', reasonId: 'failed' });
});

test('a person who leaves fails the criterion of competence, and no other', () => {
  const told = european().tell(step('acceptance', 'accepted'), step('audit', 'audited'));
  const gone = { name: 'A person', position: 'Head of customs', leftOn: '2026-03-01' };
  told.tell({ type: 'RecordParticular', kind: 'person', id: 'p', particular: gone }, propose());
  expect(told.state().applications['a']?.proposal?.tiers).toEqual({
    simplifications: null,
    security: 'AEOS',
  });
});

test('a deadline escalates once, on the day after its last day, excludes pauses, and is not processed twice', () => {
  const told = european().tell(step('acceptance', 'accepted'));
  const expired = () => told.events().filter(({ type }) => type === 'ClockExpired');
  told.on('2026-03-12T09:00:00.000Z').tell(step('audit', 'adjustmentsAsked'));
  expect(nextDeadline(told.state(), told.context())).toBeNull();
  told.on('2026-04-11T09:00:00.000Z').tell(step('adjustment', 'adjusted'), look);
  expect(expired()).toEqual([]);
  // 120 days from 2 March, and the thirty of the pause.
  expect(nextDeadline(told.state(), told.context())).toBe('2026-07-30T22:00:00.000Z');
  told.on('2026-07-30T21:59:59.000Z').tell(look);
  expect(expired()).toEqual([]);
  told.on('2026-07-30T22:00:00.000Z').tell(look, look).on('2026-12-01T00:00:00.000Z').tell(look);
  expect(expired()).toMatchObject([{ clock: 'decision', dueOn: '2026-07-30', action: 'escalate' }]);
  expect(nextDeadline(told.state(), told.context())).toBeNull();
});

test('a clock is extended once, with a reason, where the programme provides for it', () => {
  const told = european().tell(step('acceptance', 'accepted'));
  const extend = (clock: string): Command => ({
    type: 'ExtendClock',
    applicationId: 'a',
    clock,
    reason: 'abroad',
  });
  expect(told.tell(extend('acceptance')).refusal()).toBe('EXTENSION_NOT_FORESEEN clock');
  expect(told.tell(extend('decision')).refusal()).toBeUndefined();
  expect(told.tell(extend('decision')).refusal()).toBe('OUT_OF_ORDER');
  told.on('2026-06-30T22:00:00.000Z').tell(look);
  expect(typesOf(told)).not.toContain('ClockExpired');
  told.on('2026-08-29T22:00:00.000Z').tell(look);
  expect(typesOf(told)).toContain('ClockExpired');
});

test('an application is withdrawn when the applicant misses a deadline, where the programme says so', () => {
  const programmes = programmesWith('ma-oea', (programme) => ({
    ...programme,
    clocks: programme.clocks.map((each) => ({ ...each, onExpiry: 'deemedWithdrawn' as const })),
  }));
  const told = story(undefined, programmes).tell(
    registered,
    start('ma-oea', []),
    submit('ma-oea'),
    step('eligibility', 'eligible'),
  );
  told.on('2026-09-02T22:00:00.000Z').tell(look);
  expect(told.state().applications['a']?.status).toBe('submitted');
  told.on('2026-09-03T12:00:00.000Z').tell(look, look);
  expect(told.state().applications['a']?.status).toBe('withdrawn');
  expect(typesOf(told).filter((type) => type === 'ApplicationWithdrawn')).toHaveLength(1);
});

test('a step of several agencies is passed when the last of them has taken it', () => {
  const told = story().tell(
    registered,
    start('do-oea', []),
    submit('do-oea'),
    step('validation', 'validated'),
  );
  const heard = (agency?: string) =>
    step('joint', 'agenciesHeard', 'a', { agency, favourable: agency !== 'health' });
  expect(told.tell(heard()).refusal()).toBe('FIELD_REQUIRED agency');
  expect(told.tell(heard('tax')).refusal()).toBe('FIELD_UNKNOWN_VALUE agency');
  told.tell(heard('agriculture'), heard('health'));
  expect(told.tell(propose()).refusal()).toBe('STEP_NOT_OPEN');
  told.tell(heard('environment'), heard('port-security'), heard('airport-security'));
  expect(told.tell(propose()).refusal()).toBe('STEP_NOT_OPEN');
  expect(told.tell(heard('drug-control'), propose()).refusal()).toBeUndefined();
  const opinions = told.state().applications['a']?.taken.filter(({ favourable }) => favourable === false);
  expect(opinions?.map(({ agency }) => agency)).toEqual(['health']);
});

test('coaching and tests come before the submission', () => {
  const told = story().tell(registered, start('za-aeo', ['AEO-C']));
  expect(told.tell(submit('za-aeo')).refusal()).toBe('STEP_NOT_OPEN');
  told.tell(step('self-assessment', 'ready'), step('test', 'failed'));
  expect(told.tell(submit('za-aeo')).refusal()).toBe('STEP_NOT_OPEN');
  expect(told.tell(step('test', 'passed'), submit('za-aeo')).refusal()).toBeUndefined();
});

test('a draft is saved at its own revision only, and its answers count for all programmes', () => {
  const told = european();
  expect(told.tell(answer({ staff: 3 })).refusal()).toBe('OUT_OF_ORDER');
  told.tell(start('in-aeo', ['T1'], 'b'));
  const stale: Command = { ...answer({ documentsLastYear: 40 }, 'b'), expectedRevision: 7 } as Command;
  expect(told.tell(stale).refusal()).toBe('PRECONDITION_FAILED');
  expect(told.tell({ ...stale, expectedRevision: 1 } as Command).refusal()).toBeUndefined();
  expect(told.tell(answer({ documentsLastYear: 'many' }, 'b')).refusal()).toBe(
    'FIELD_FORMAT answers.documentsLastYear',
  );
  expect(told.tell(answer({ nothing: 1 }, 'b')).refusal()).toBe('FIELD_UNKNOWN_VALUE answers.nothing');
  expect(told.tell({ ...answer({}, 'b'), answers: { seriousCases: [] } } as Command).refusal()).toBe(
    'FACT_ORIGIN answers.seriousCases',
  );
  // The European file has told that the records can be audited.
  expect(told.state().statements['records-auditable']).toMatchObject({ value: true, origin: 'applicant' });
});

test('evidence of a wrong type or size, without its person or with inverted dates is refused', () => {
  const told = story().tell(registered);
  const refusal = (command: Command) => told.tell(command).refusal();
  expect(refusal(evidence('eu-aeo', 'nothing'))).toBe('NOT_FOUND type');
  expect(refusal(evidence('eu-aeo', 'saq', { mediaType: 'image/png' }))).toBe('EVIDENCE_TYPE mediaType');
  expect(refusal(evidence('eu-aeo', 'saq', { bytes: 50_000_000 }))).toBe('EVIDENCE_TOO_LARGE bytes');
  expect(refusal(evidence('eu-aeo', 'competence-record'))).toBe('FIELD_REQUIRED person');
  expect(refusal(evidence('eu-aeo', 'competence-record', { person: 'x' }))).toBe('NOT_FOUND person');
  const inverted = { issuedOn: '2026-02-01', validUntil: '2026-01-01' };
  expect(refusal(evidence('eu-aeo', 'saq', inverted))).toBe('FIELD_RANGE validUntil');
  expect(typesOf(told)).toEqual(['OperatorRegistered']);
});

test('an appeal a year later replays the stored decision, and a third person decides it', () => {
  const told = european().tell(facts('eu-aeo', { seriousInfringements: ['2026-02-01'] }));
  told.tell(step('acceptance', 'accepted'), step('audit', 'audited'), propose());
  expect(told.state().applications['a']?.status).toBe('refused');
  told.on('2027-03-02T09:00:00.000Z').as('applicant');
  told.tell(facts('eu-aeo', { seriousInfringements: [] }));
  told.tell({ type: 'OpenAppeal', applicationId: 'a', ground: 'it was not serious' });
  const { decidedOn, results } = told.state().applications['a']!;
  const stored = JSON.parse(JSON.stringify(decidedOn)) as NonNullable<typeof decidedOn>;
  expect(JSON.stringify(replayDecision(stored, told.context()))).toBe(JSON.stringify(results));
  const uphold: Command = { type: 'DecideAppeal', applicationId: 'a', upheld: true, note: 'it was not' };
  expect(told.tell(uphold).refusal()).toBe('SAME_PERSON');
  expect(told.as('first officer').tell(uphold).refusal()).toBe('SAME_PERSON');
  expect(told.as('third officer').tell(uphold).refusal()).toBeUndefined();
  // What was refused wrongly is decided once more, on what is known now.
  expect(told.tell(propose()).as('first officer').tell(approve()).refusal()).toBeUndefined();
  expect(told.state().applications['a']?.status).toBe('granted');
});

test('an appeal is refused where the replay differs from the stored decision', () => {
  const told = european().tell(facts('eu-aeo', { seriousInfringements: ['2026-02-01'] }));
  told.tell(step('acceptance', 'accepted'), step('audit', 'audited'), propose());
  told.tell({ type: 'OpenAppeal', applicationId: 'a', ground: 'wrong' });
  told.state().applications['a']!.results[0]!.outcome = 'met';
  const dismiss: Command = { type: 'DecideAppeal', applicationId: 'a', upheld: false, note: 'no' };
  expect(told.as('third officer').tell(dismiss).refusal()).toBe('REPLAY_DIFFERS');
});
