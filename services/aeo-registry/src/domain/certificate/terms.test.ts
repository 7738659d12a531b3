import { expect, test } from 'vitest';
import {
  registered,
  operatorStory,
  typesOf,
  type Story,
} from '../../../../../tests/setup/registry/operator-story.ts';
import { decide as decideCommand, type Command } from '../operator/decide.ts';
import { loadProgrammes } from '@aeo/programmes/files';
import { nextDeadline } from '../deadlines/process-deadlines.ts';
import { programmesOf, type Programmes } from '@aeo/programmes';

const look: Command = { type: 'ProcessDeadlines' };
const document = (programmeId: string, type: string): Command => ({
  type: 'RecordEvidence',
  evidenceId: `${programmeId}-${type}`,
  evidence: {
    programmeId,
    type,
    sha256: 'b'.repeat(64),
    bytes: 1_000,
    mediaType: 'application/pdf',
    issuedOn: null,
    validUntil: null,
    person: null,
  },
});
const stated = (programmeId: string, facts: Record<string, boolean | string[]>): Command => ({
  type: 'RecordFacts',
  programmeId,
  origin: 'authority',
  facts,
});

type TermsCase = { tiers: string[]; renewal?: boolean; steps: [string, string][] };

function apply(
  story: Story,
  programmeId: string,
  id: string,
  { tiers, renewal = false, steps }: TermsCase,
): Story {
  const applied = { tiers, roles: [], designatedFor: [], renewal };
  story.send({ type: 'SubmitApplication', applicationId: id, programmeId, applied });
  for (const [step, outcome] of steps) story.send({ type: 'TakeStep', applicationId: id, step, outcome });
  return story;
}

function decide(story: Story, id: string): Story {
  story.as('first officer').send({ type: 'DecideApplication', applicationId: id, certificateId: `c-${id}` });
  story.as('second officer').send({ type: 'ApproveDecision', applicationId: id, certificateId: `c-${id}` });
  return story.as('first officer');
}

const hongKongSteps: TermsCase['steps'] = [
  ['desk', 'examined'],
  ['visit', 'visited'],
];

/** A firm of the lower tier of a programme whose term is three years. */
const consentAbroad = {
  id: 'abroad',
  label: {},
  purpose: 'mutualRecognition',
  mode: 'general' as const,
  withdrawable: true,
  sources: [],
};

function hongKong(known?: Programmes): Story {
  const answers = {
    recordsAuditable: true,
    solvent: true,
    premisesSecure: true,
    personnelSecure: true,
    cargoSecure: true,
    conveyanceSecure: true,
    partnersAssessed: true,
    outsourced: false,
    staffTrained: true,
    informationProtected: true,
  };
  const story = operatorStory('2026-03-02T09:00:00.000Z', known).send(
    registered,
    stated('hk-aeo', { seriousOffences: [] }),
    ...['self-assessment', 'site-plan', 'partner-list', 'cargo-map'].map((type) => document('hk-aeo', type)),
    {
      type: 'StartDraft',
      applicationId: 'a',
      programmeId: 'hk-aeo',
      applied: { tiers: ['tier-1'], roles: [], designatedFor: [], renewal: false },
    },
    { type: 'SaveDraft', applicationId: 'a', applied: {}, answers },
  );
  return decide(apply(story, 'hk-aeo', 'a', { tiers: ['tier-1'], steps: hongKongSteps }), 'a');
}

test('a certificate with a term expires once, at its end in the time zone of the authority', () => {
  const story = hongKong();
  const end = '2029-03-01T16:00:00.000Z';
  expect(story.state().certificates['c-a']).toMatchObject({ status: 'active', validUntil: end });
  expect(nextDeadline(story.state(), story.context())).toBe(end);
  story.on('2029-03-01T15:59:59.000Z').send(look);
  expect(story.state().certificates['c-a']?.status).toBe('active');
  story.on(end).send(look, look);
  expect(story.state().certificates['c-a']).toMatchObject({ status: 'expired', effectiveFrom: end });
  expect(typesOf(story).filter((type) => type === 'CertificateExpired')).toHaveLength(1);
  expect(nextDeadline(story.state(), story.context())).toBeNull();
});

test('a renewal is submitted in its window, repeats no question and adds a term', () => {
  const story = hongKong();
  const renewal: TermsCase = { tiers: ['tier-1'], renewal: true, steps: hongKongSteps };
  expect(
    apply(story.on('2028-08-01T00:00:00.000Z'), 'hk-aeo', 'r', { ...renewal, steps: [] }).refusal(),
  ).toBe('RENEWAL_NOT_OPEN');
  decide(apply(story.on('2028-12-01T00:00:00.000Z'), 'hk-aeo', 'r', renewal), 'r');
  expect(story.refusal()).toBeUndefined();
  expect(Object.keys(story.state().certificates)).toEqual(['c-a']);
  expect(story.state().certificates['c-a']).toMatchObject({
    status: 'active',
    validUntil: '2032-03-01T16:00:00.000Z',
  });
});

test('a higher tier is another tier of the same certificate, a lower one cannot be applied for', () => {
  const story = hongKong();
  const { answers } = story.state().applications['a']!;
  const higher = { tiers: ['tier-2'], roles: [], designatedFor: [], renewal: false };
  story.send({ type: 'StartDraft', applicationId: 'u', programmeId: 'hk-aeo', applied: higher });
  const more = { ...answers, crisisPlan: true, measuredYearly: true };
  story.send({ type: 'SaveDraft', applicationId: 'u', applied: {}, answers: more });
  decide(apply(story, 'hk-aeo', 'u', { tiers: ['tier-2'], steps: hongKongSteps }), 'u');
  expect(Object.values(story.state().certificates)).toMatchObject([{ certificateId: 'c-a', tier: 'tier-2' }]);
  expect(apply(story, 'hk-aeo', 'l', { tiers: ['tier-1'], steps: [] }).refusal()).toBe('CERTIFICATE_EXISTS');
});

/** A firm whose status goes on while a renewal lodged thirty days before its end is not decided. */
function southAfrican(): Story {
  const person = { name: 'A person', position: 'Clerk', leftOn: null };
  const bound = document('za-aeo', 'competency-certificate') as Command & { type: 'RecordEvidence' };
  const story = operatorStory('2026-03-02T09:00:00.000Z').send(
    registered,
    { type: 'RecordParticular', kind: 'person', id: 'p', particular: person },
    stated('za-aeo', { offences: [] }),
    ...['self-assessment', 'audited-accounts'].map((type) => document('za-aeo', type)),
    { ...bound, evidence: { ...bound.evidence, person: 'p' } },
  );
  const answers = { computerSystem: true, internalControls: true, accountsYears: 3, competentPerson: true };
  return decide(handedIn(story, 'a', answers, false), 'a');
}

function handedIn(
  story: Story,
  id: string,
  answers: Record<string, boolean | number>,
  renewal: boolean,
): Story {
  const applied = { tiers: ['AEO-C'], roles: [], designatedFor: [], renewal };
  const step = (name: string, outcome: string): Command => ({
    type: 'TakeStep',
    applicationId: id,
    step: name,
    outcome,
  });
  return story.send(
    { type: 'StartDraft', applicationId: id, programmeId: 'za-aeo', applied },
    { type: 'SaveDraft', applicationId: id, applied: {}, answers },
    step('self-assessment', 'ready'),
    step('test', 'passed'),
    { type: 'SubmitApplication', applicationId: id, programmeId: 'za-aeo' },
    step('desk', 'examined'),
  );
}

test.each([
  ['2031-01-31T21:59:59.000Z', 'active'],
  ['2031-01-31T22:00:00.000Z', 'expired'],
])('a renewal lodged %s leaves the status %s on the day after its end', (lodged, status) => {
  const story = southAfrican();
  expect(story.state().certificates['c-a']?.validUntil).toBe('2031-03-01T22:00:00.000Z');
  handedIn(story.on(lodged), 'r', {}, true);
  story.on('2031-03-03T09:00:00.000Z').send(look);
  expect(story.state().certificates['c-a']?.status).toBe(status);
});

test('a renewal that is refused ends the status', () => {
  const story = handedIn(southAfrican().on('2031-01-20T09:00:00.000Z'), 'r', {}, true);
  story
    .send(stated('za-aeo', { offences: ['2030-05-05'] }))
    .on('2031-04-01T09:00:00.000Z')
    .send(look);
  expect(story.state().certificates['c-a']?.status).toBe('active');
  story.send({ type: 'DecideApplication', applicationId: 'r', certificateId: 'c-r' }, look);
  expect(story.state().applications['r']?.status).toBe('refused');
  expect(story.state().certificates['c-a']?.status).toBe('expired');
});

test('a renewal that is withdrawn ends the status', () => {
  const story = handedIn(southAfrican().on('2031-01-20T09:00:00.000Z'), 'r', {}, true);
  expect(story.state().certificates['c-a']?.continuesFor).toBe('r');
  story.send({ type: 'WithdrawApplication', applicationId: 'r', reason: 'sold' });
  expect(story.state().certificates['c-a']).toMatchObject({ status: 'active', continuesFor: null });
  story.on(nextDeadline(story.state(), story.context())!).send(look);
  expect(story.state().certificates['c-a']?.status).toBe('expired');
});

test('a status that continues for a renewal that has ended is found, and expires', () => {
  const story = handedIn(southAfrican().on('2031-01-20T09:00:00.000Z'), 'r', {}, true);
  story.send({ type: 'WithdrawApplication', applicationId: 'r', reason: 'sold' });
  // As it was written before a withdrawal ended the continuation.
  const certificate = { ...story.state().certificates['c-a']!, continuesFor: 'r' };
  const state = { ...story.state(), certificates: { 'c-a': certificate } };
  const context = { ...story.context(), now: '2040-01-01T00:00:00.000Z' };
  expect(nextDeadline(state, context)).toBe(context.now);
  const decision = decideCommand(look, state, context);
  expect(decision).toMatchObject({
    events: [{ type: 'CertificateContinuationEnded' }, { type: 'CertificateExpired' }],
  });
});

test('a renewal that reaches another tier has the term of that tier only', () => {
  const story = southAfrican()
    .on('2031-01-20T09:00:00.000Z')
    .send(stated('za-aeo', { securityMet: true }));
  const applied = { tiers: [], roles: [], designatedFor: [], renewal: true };
  story.send({ type: 'StartDraft', applicationId: 'r', programmeId: 'za-aeo', applied });
  decide(handedIn(story, 'r', {}, true), 'r');
  expect(story.state().certificates['c-a']).toMatchObject({ tier: 'AEO-S', continuesFor: null });
  const end = story.state().certificates['c-a']!.validUntil!;
  expect(nextDeadline(story.state(), story.context())).toBe(end);
  story.on(end).send(look);
  expect(story.state().certificates['c-a']?.status).toBe('expired');
});

test('a certificate that was revoked while its renewal was pending is not renewed', () => {
  const story = hongKong();
  const renewal: TermsCase = { tiers: ['tier-1'], renewal: true, steps: hongKongSteps };
  apply(story.on('2028-12-01T00:00:00.000Z'), 'hk-aeo', 'r', renewal);
  story.send({ type: 'RevokeCertificate', certificateId: 'c-a', reason: 'fraud' });
  story.send({ type: 'DecideApplication', applicationId: 'r', certificateId: 'c-r' });
  expect(story.refusal()).toBe('REAPPLICATION_BARRED');
  story.as('second officer').send({ type: 'ApproveDecision', applicationId: 'r', certificateId: 'c-r' });
  expect(story.refusal()).toBe('OUT_OF_ORDER');
  expect(Object.keys(story.state().certificates)).toEqual(['c-a']);
});

test('the person who proposed a grant proposes again once other facts are known', () => {
  const story = hongKong();
  apply(story.on('2028-12-01T00:00:00.000Z'), 'hk-aeo', 'r', {
    tiers: ['tier-1'],
    renewal: true,
    steps: hongKongSteps,
  });
  const proposing: Command = { type: 'DecideApplication', applicationId: 'r', certificateId: 'c-r' };
  const approving: Command = { type: 'ApproveDecision', applicationId: 'r', certificateId: 'c-r' };
  story.send(proposing, proposing);
  expect(typesOf(story).filter((type) => type === 'GrantProposed')).toHaveLength(2);
  story.send(stated('hk-aeo', { seriousOffences: ['2028-11-11'] }));
  expect(story.as('second officer').send(approving).refusal()).toBe('PROPOSAL_OUTDATED');
  story.as('first officer').send(proposing);
  expect(story.state().applications['r']).toMatchObject({ status: 'refused', proposal: null });
});

/** A small firm with the first tier, which is kept by a declaration every year. */
function indian(): Story {
  const answers = {
    msmeRegistered: true,
    documentsLastYear: 10,
    documentsFirstHalf: 5,
    documentsSecondHalf: 5,
    fullYearsInBusiness: 2,
    solvent: true,
    insolvencyYears: 2,
    recordsKept: true,
    internalControls: true,
  };
  const story = operatorStory('2026-03-02T09:00:00.000Z').send(
    registered,
    stated('in-aeo', { seriousCases: [] }),
    ...['msme-certificate', 'msme-annexure-1', 'msme-annexure-2'].map((type) => document('in-aeo', type)),
    {
      type: 'StartDraft',
      applicationId: 'a',
      programmeId: 'in-aeo',
      applied: { tiers: ['T1'], roles: ['exporter'], designatedFor: [], renewal: false },
    },
    { type: 'SaveDraft', applicationId: 'a', applied: {}, answers },
    { type: 'SubmitApplication', applicationId: 'a', programmeId: 'in-aeo' },
  );
  return story;
}

const take = (step: string, outcome: string): Command => ({
  type: 'TakeStep',
  applicationId: 'a',
  step,
  outcome,
});

test('the deadline of a small firm has the shorter limit of its overlay, from the day its documents are complete', () => {
  const story = indian().send(take('completeness', 'documentsAsked'));
  story
    .on('2026-03-09T09:00:00.000Z')
    .send(take('reply', 'documentsSupplied'), take('completeness', 'complete'));
  // Fifteen days from 9 March, not the month of others; by the clocks of the authority.
  const due = nextDeadline(story.state(), story.context())!;
  expect(due).toBe('2026-03-24T18:30:00.000Z');
  story.on(due).send(look, look);
  expect(story.events().filter(({ type }) => type === 'ClockExpired')).toMatchObject([
    { clock: 'decision-t1' },
  ]);
});

test('a small firm gets its tier by its own documents, and a missed duty is reported once and changes no status', () => {
  const story = decide(indian().send(take('completeness', 'complete'), take('desk', 'examined')), 'a');
  expect(Object.values(story.state().certificates)).toMatchObject([{ tier: 'T1', status: 'active' }]);
  const declare: Command = { type: 'FulfilDuty', certificateId: 'c-a', form: 'annual-self-declaration' };
  expect(story.on('2026-09-30T00:00:00.000Z').send(declare).refusal()).toBe('OUT_OF_ORDER');
  expect(story.on('2026-11-01T00:00:00.000Z').send(declare, declare).refusal()).toBeUndefined();
  story.on('2027-01-02T00:00:00.000Z').send(look);
  expect(typesOf(story)).not.toContain('DutyMissed');
  story.on('2028-01-02T00:00:00.000Z').send(look, look);
  expect(story.events().filter(({ type }) => type === 'DutyMissed')).toMatchObject([
    { dueOn: '2027-12-31', action: 'review' },
  ]);
  expect(story.state().certificates['c-a']?.status).toBe('active');
  // What was missed can be made up for; story once more it is the same.
  expect(story.send(declare, declare).refusal()).toBeUndefined();
  expect(story.state().certificates['c-a']?.duties).toEqual({
    '2026-12-31': 'fulfilled',
    '2027-12-31': 'fulfilled',
  });
  expect(typesOf(story).filter((type) => type === 'DutyFulfilled')).toHaveLength(2);
});

test('a revocation takes effect on the day after the holder was notified, and after the time to remedy', () => {
  const story = decide(indian().send(take('completeness', 'complete'), take('desk', 'examined')), 'a');
  const revoke: Command = { type: 'RevokeCertificate', certificateId: 'c-a', reason: 'debts' };
  expect(story.send(revoke).refusal()).toBe('NOTICE_NEEDED');
  story.send({
    type: 'GiveNotice',
    certificateId: 'c-a',
    act: 'revoke',
    reasonId: 'failed',
    reason: 'debts',
  });
  expect(story.state().certificates['c-a']?.notice?.until).toBe('2026-05-01');
  story.on('2026-05-02T09:00:00.000Z').send(revoke);
  expect(story.state().certificates['c-a']).toMatchObject({
    status: 'revoked',
    decidedAt: '2026-05-02T09:00:00.000Z',
    notifiedAt: '2026-05-02T09:00:00.000Z',
    effectiveFrom: '2026-05-02T18:30:00.000Z',
  });
  expect(
    story
      .send({ type: 'SuspendCertificate', certificateId: 'c-a', reason: 'x', effectiveFrom: null })
      .refusal(),
  ).toBe('OUT_OF_ORDER');
});

test('a duty is missed only by a holder of the tier through its whole window', () => {
  const story = decide(indian().send(take('completeness', 'complete'), take('desk', 'examined')), 'a');
  const held = story.state().certificates['c-a']!;
  const since = { ...held, tierSince: '2026-11-01T00:00:00.000Z' };
  const context = { ...story.context(), now: '2027-01-02T00:00:00.000Z' };
  const missedBy = (certificate: typeof held) =>
    decideCommand(look, { ...story.state(), certificates: { 'c-a': certificate } }, context);
  expect(missedBy(held)).toMatchObject({ events: [{ type: 'DutyMissed', dueOn: '2026-12-31' }] });
  expect(missedBy(since)).toEqual({ kind: 'accepted', events: [] });
});

test('the person who ended an application by a step may not decide the appeal against it', () => {
  const applied = { tiers: [], roles: [], designatedFor: [], renewal: false };
  const story = operatorStory('2026-03-02T09:00:00.000Z').as('firm').send(registered);
  story.send({ type: 'SubmitApplication', applicationId: 'm', programmeId: 'ma-oea', applied });
  const step = { step: 'eligibility', outcome: 'refusedEligibility' };
  story.as('senior').send({ type: 'TakeStep', applicationId: 'm', ...step });
  expect(story.state().applications['m']).toMatchObject({ status: 'refused', decidedBy: ['senior'] });
  story.as('firm').send({ type: 'OpenAppeal', applicationId: 'm', ground: 'eligible' });
  const judging: Command = { type: 'DecideAppeal', applicationId: 'm', upheld: false, note: 'no' };
  expect(story.as('senior').send(judging).refusal()).toBe('SAME_PERSON');
  expect(story.as('another senior').send(judging).refusal()).toBeUndefined();
});

test('a consent is withdrawn, and facts of an earlier version are recorded, whatever a later version asks for', () => {
  const later = programmesOf([
    ...loadProgrammes('services/programmes/files').all.flatMap((each) =>
      each.id === 'hk-aeo'
        ? [
            { ...each, consents: [consentAbroad], effectiveTo: '2027-12-31' },
            { ...each, version: each.version + 1, effectiveFrom: '2028-01-01', supersedes: each.version },
          ]
        : [each],
    ),
  ]);
  const story = hongKong(later);
  const consent = { programmeId: 'hk-aeo', consentId: 'abroad', arrangement: '' };
  story.send({ type: 'RecordConsent', ...consent, given: true });
  expect(story.refusal()).toBeUndefined();
  story.on('2028-06-01T00:00:00.000Z').send({ type: 'RecordConsent', ...consent, given: false });
  expect(story.refusal()).toBeUndefined();
  expect(story.state().consents['hk-aeo/abroad/']).toMatchObject({ given: false });
  expect(story.send({ type: 'RecordConsent', ...consent, given: false }).refusal()).toBeUndefined();
  story.send({ type: 'RecordConsent', ...consent, consentId: 'another', given: true });
  expect(story.refusal()).toBe('NOT_FOUND consentId');
});
