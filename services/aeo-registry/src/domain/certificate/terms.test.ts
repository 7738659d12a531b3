import { expect, test } from 'vitest';
import {
  registered,
  story,
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
  told: Story,
  programmeId: string,
  id: string,
  { tiers, renewal = false, steps }: TermsCase,
): Story {
  const applied = { tiers, roles: [], designatedFor: [], renewal };
  told.tell({ type: 'SubmitApplication', applicationId: id, programmeId, applied });
  for (const [step, outcome] of steps) told.tell({ type: 'TakeStep', applicationId: id, step, outcome });
  return told;
}

function decide(told: Story, id: string): Story {
  told.as('first officer').tell({ type: 'DecideApplication', applicationId: id, certificateId: `c-${id}` });
  told.as('second officer').tell({ type: 'ApproveDecision', applicationId: id, certificateId: `c-${id}` });
  return told.as('first officer');
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
  const told = story('2026-03-02T09:00:00.000Z', known).tell(
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
  return decide(apply(told, 'hk-aeo', 'a', { tiers: ['tier-1'], steps: hongKongSteps }), 'a');
}

test('a certificate with a term expires once, at its end in the time zone of the authority', () => {
  const told = hongKong();
  const end = '2029-03-01T16:00:00.000Z';
  expect(told.state().certificates['c-a']).toMatchObject({ status: 'active', validUntil: end });
  expect(nextDeadline(told.state(), told.context())).toBe(end);
  told.on('2029-03-01T15:59:59.000Z').tell(look);
  expect(told.state().certificates['c-a']?.status).toBe('active');
  told.on(end).tell(look, look);
  expect(told.state().certificates['c-a']).toMatchObject({ status: 'expired', effectiveFrom: end });
  expect(typesOf(told).filter((type) => type === 'CertificateExpired')).toHaveLength(1);
  expect(nextDeadline(told.state(), told.context())).toBeNull();
});

test('a renewal is submitted in its window, repeats no question and adds a term', () => {
  const told = hongKong();
  const renewal: TermsCase = { tiers: ['tier-1'], renewal: true, steps: hongKongSteps };
  expect(apply(told.on('2028-08-01T00:00:00.000Z'), 'hk-aeo', 'r', { ...renewal, steps: [] }).refusal()).toBe(
    'RENEWAL_NOT_OPEN',
  );
  decide(apply(told.on('2028-12-01T00:00:00.000Z'), 'hk-aeo', 'r', renewal), 'r');
  expect(told.refusal()).toBeUndefined();
  expect(Object.keys(told.state().certificates)).toEqual(['c-a']);
  expect(told.state().certificates['c-a']).toMatchObject({
    status: 'active',
    validUntil: '2032-03-01T16:00:00.000Z',
  });
});

test('a higher tier is another tier of the same certificate, a lower one cannot be applied for', () => {
  const told = hongKong();
  const { answers } = told.state().applications['a']!;
  const higher = { tiers: ['tier-2'], roles: [], designatedFor: [], renewal: false };
  told.tell({ type: 'StartDraft', applicationId: 'u', programmeId: 'hk-aeo', applied: higher });
  const more = { ...answers, crisisPlan: true, measuredYearly: true };
  told.tell({ type: 'SaveDraft', applicationId: 'u', applied: {}, answers: more });
  decide(apply(told, 'hk-aeo', 'u', { tiers: ['tier-2'], steps: hongKongSteps }), 'u');
  expect(Object.values(told.state().certificates)).toMatchObject([{ certificateId: 'c-a', tier: 'tier-2' }]);
  expect(apply(told, 'hk-aeo', 'l', { tiers: ['tier-1'], steps: [] }).refusal()).toBe('CERTIFICATE_EXISTS');
});

/** A firm whose status goes on while a renewal lodged thirty days before its end is not decided. */
function southAfrican(): Story {
  const person = { name: 'A person', position: 'Clerk', leftOn: null };
  const bound = document('za-aeo', 'competency-certificate') as Command & { type: 'RecordEvidence' };
  const told = story('2026-03-02T09:00:00.000Z').tell(
    registered,
    { type: 'RecordParticular', kind: 'person', id: 'p', particular: person },
    stated('za-aeo', { offences: [] }),
    ...['self-assessment', 'audited-accounts'].map((type) => document('za-aeo', type)),
    { ...bound, evidence: { ...bound.evidence, person: 'p' } },
  );
  const answers = { computerSystem: true, internalControls: true, accountsYears: 3, competentPerson: true };
  return decide(handedIn(told, 'a', answers, false), 'a');
}

function handedIn(
  told: Story,
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
  return told.tell(
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
  const told = southAfrican();
  expect(told.state().certificates['c-a']?.validUntil).toBe('2031-03-01T22:00:00.000Z');
  handedIn(told.on(lodged), 'r', {}, true);
  told.on('2031-03-03T09:00:00.000Z').tell(look);
  expect(told.state().certificates['c-a']?.status).toBe(status);
});

test('a renewal that is refused ends the status', () => {
  const told = handedIn(southAfrican().on('2031-01-20T09:00:00.000Z'), 'r', {}, true);
  told
    .tell(stated('za-aeo', { offences: ['2030-05-05'] }))
    .on('2031-04-01T09:00:00.000Z')
    .tell(look);
  expect(told.state().certificates['c-a']?.status).toBe('active');
  told.tell({ type: 'DecideApplication', applicationId: 'r', certificateId: 'c-r' }, look);
  expect(told.state().applications['r']?.status).toBe('refused');
  expect(told.state().certificates['c-a']?.status).toBe('expired');
});

test('a renewal that is withdrawn ends the status', () => {
  const told = handedIn(southAfrican().on('2031-01-20T09:00:00.000Z'), 'r', {}, true);
  expect(told.state().certificates['c-a']?.continuesFor).toBe('r');
  told.tell({ type: 'WithdrawApplication', applicationId: 'r', reason: 'sold' });
  expect(told.state().certificates['c-a']).toMatchObject({ status: 'active', continuesFor: null });
  told.on(nextDeadline(told.state(), told.context())!).tell(look);
  expect(told.state().certificates['c-a']?.status).toBe('expired');
});

test('a status that continues for a renewal that has ended is found, and expires', () => {
  const told = handedIn(southAfrican().on('2031-01-20T09:00:00.000Z'), 'r', {}, true);
  told.tell({ type: 'WithdrawApplication', applicationId: 'r', reason: 'sold' });
  // As it was written before a withdrawal ended the continuation.
  const certificate = { ...told.state().certificates['c-a']!, continuesFor: 'r' };
  const state = { ...told.state(), certificates: { 'c-a': certificate } };
  const context = { ...told.context(), now: '2040-01-01T00:00:00.000Z' };
  expect(nextDeadline(state, context)).toBe(context.now);
  const decision = decideCommand(look, state, context);
  expect(decision).toMatchObject({
    events: [{ type: 'CertificateContinuationEnded' }, { type: 'CertificateExpired' }],
  });
});

test('a renewal that reaches another tier has the term of that tier only', () => {
  const told = southAfrican()
    .on('2031-01-20T09:00:00.000Z')
    .tell(stated('za-aeo', { securityMet: true }));
  const applied = { tiers: [], roles: [], designatedFor: [], renewal: true };
  told.tell({ type: 'StartDraft', applicationId: 'r', programmeId: 'za-aeo', applied });
  decide(handedIn(told, 'r', {}, true), 'r');
  expect(told.state().certificates['c-a']).toMatchObject({ tier: 'AEO-S', continuesFor: null });
  const end = told.state().certificates['c-a']!.validUntil!;
  expect(nextDeadline(told.state(), told.context())).toBe(end);
  told.on(end).tell(look);
  expect(told.state().certificates['c-a']?.status).toBe('expired');
});

test('a certificate that was revoked while its renewal was pending is not renewed', () => {
  const told = hongKong();
  const renewal: TermsCase = { tiers: ['tier-1'], renewal: true, steps: hongKongSteps };
  apply(told.on('2028-12-01T00:00:00.000Z'), 'hk-aeo', 'r', renewal);
  told.tell({ type: 'RevokeCertificate', certificateId: 'c-a', reason: 'fraud' });
  expect(decide(told, 'r').refusal()).toBe('OUT_OF_ORDER');
  told.tell({ type: 'DecideApplication', applicationId: 'r', certificateId: 'c-r' });
  expect(told.refusal()).toBe('REAPPLICATION_BARRED');
  expect(Object.keys(told.state().certificates)).toEqual(['c-a']);
});

test('the person who proposed a grant proposes again once other facts are known', () => {
  const told = hongKong();
  apply(told.on('2028-12-01T00:00:00.000Z'), 'hk-aeo', 'r', {
    tiers: ['tier-1'],
    renewal: true,
    steps: hongKongSteps,
  });
  const proposing: Command = { type: 'DecideApplication', applicationId: 'r', certificateId: 'c-r' };
  const approving: Command = { type: 'ApproveDecision', applicationId: 'r', certificateId: 'c-r' };
  told.tell(proposing, proposing);
  expect(typesOf(told).filter((type) => type === 'GrantProposed')).toHaveLength(2);
  told.tell(stated('hk-aeo', { seriousOffences: ['2028-11-11'] }));
  expect(told.as('second officer').tell(approving).refusal()).toBe('PROPOSAL_OUTDATED');
  told.as('first officer').tell(proposing);
  expect(told.state().applications['r']).toMatchObject({ status: 'refused', proposal: null });
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
  const told = story('2026-03-02T09:00:00.000Z').tell(
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
  return told;
}

const take = (step: string, outcome: string): Command => ({
  type: 'TakeStep',
  applicationId: 'a',
  step,
  outcome,
});

test('the clock of a small firm has the shorter limit of its overlay, and pauses for its documents', () => {
  const told = indian().tell(take('completeness', 'documentsAsked'), take('reply', 'documentsSupplied'));
  told.tell(take('completeness', 'complete'));
  // Fifteen days from 2 March, not the month of others; by the clocks of the authority.
  const due = nextDeadline(told.state(), told.context())!;
  expect(due).toBe('2026-03-17T18:30:00.000Z');
  told.on(due).tell(look, look);
  expect(told.events().filter(({ type }) => type === 'ClockExpired')).toMatchObject([
    { clock: 'decision-t1' },
  ]);
});

test('a small firm gets its tier by its own documents, and a missed duty is reported once and changes no status', () => {
  const told = decide(indian().tell(take('completeness', 'complete'), take('desk', 'examined')), 'a');
  expect(Object.values(told.state().certificates)).toMatchObject([{ tier: 'T1', status: 'active' }]);
  const declare: Command = { type: 'FulfilDuty', certificateId: 'c-a', form: 'annual-self-declaration' };
  expect(told.on('2026-09-30T00:00:00.000Z').tell(declare).refusal()).toBe('OUT_OF_ORDER');
  expect(told.on('2026-11-01T00:00:00.000Z').tell(declare, declare).refusal()).toBeUndefined();
  told.on('2027-01-02T00:00:00.000Z').tell(look);
  expect(typesOf(told)).not.toContain('DutyMissed');
  told.on('2028-01-02T00:00:00.000Z').tell(look, look);
  expect(told.events().filter(({ type }) => type === 'DutyMissed')).toMatchObject([
    { dueOn: '2027-12-31', action: 'review' },
  ]);
  expect(told.state().certificates['c-a']?.status).toBe('active');
  // What was missed can be made up for; told once more it is the same.
  expect(told.tell(declare, declare).refusal()).toBeUndefined();
  expect(told.state().certificates['c-a']?.duties).toEqual({
    '2026-12-31': 'fulfilled',
    '2027-12-31': 'fulfilled',
  });
  expect(typesOf(told).filter((type) => type === 'DutyFulfilled')).toHaveLength(2);
});

test('a revocation takes effect on the day after the holder was notified, and after the time to remedy', () => {
  const told = decide(indian().tell(take('completeness', 'complete'), take('desk', 'examined')), 'a');
  const revoke: Command = { type: 'RevokeCertificate', certificateId: 'c-a', reason: 'debts' };
  expect(told.tell(revoke).refusal()).toBe('NOTICE_NEEDED');
  told.tell({ type: 'GiveNotice', certificateId: 'c-a', act: 'revoke', reasonId: 'failed', reason: 'debts' });
  expect(told.state().certificates['c-a']?.notice?.until).toBe('2026-05-01');
  told.on('2026-05-02T09:00:00.000Z').tell(revoke);
  expect(told.state().certificates['c-a']).toMatchObject({
    status: 'revoked',
    decidedAt: '2026-05-02T09:00:00.000Z',
    notifiedAt: '2026-05-02T09:00:00.000Z',
    effectiveFrom: '2026-05-02T18:30:00.000Z',
  });
  expect(
    told
      .tell({ type: 'SuspendCertificate', certificateId: 'c-a', reason: 'x', effectiveFrom: null })
      .refusal(),
  ).toBe('OUT_OF_ORDER');
});

test('a duty is missed only by a holder of the tier through its whole window', () => {
  const told = decide(indian().tell(take('completeness', 'complete'), take('desk', 'examined')), 'a');
  const held = told.state().certificates['c-a']!;
  const since = { ...held, tierSince: '2026-11-01T00:00:00.000Z' };
  const context = { ...told.context(), now: '2027-01-02T00:00:00.000Z' };
  const missedBy = (certificate: typeof held) =>
    decideCommand(look, { ...told.state(), certificates: { 'c-a': certificate } }, context);
  expect(missedBy(held)).toMatchObject({ events: [{ type: 'DutyMissed', dueOn: '2026-12-31' }] });
  expect(missedBy(since)).toEqual({ kind: 'accepted', events: [] });
});

test('the person who ended an application by a step may not decide the appeal against it', () => {
  const applied = { tiers: [], roles: [], designatedFor: [], renewal: false };
  const told = story('2026-03-02T09:00:00.000Z').as('firm').tell(registered);
  told.tell({ type: 'SubmitApplication', applicationId: 'm', programmeId: 'ma-oea', applied });
  const step = { step: 'eligibility', outcome: 'refusedEligibility' };
  told.as('senior').tell({ type: 'TakeStep', applicationId: 'm', ...step });
  expect(told.state().applications['m']).toMatchObject({ status: 'refused', decidedBy: ['senior'] });
  told.as('firm').tell({ type: 'OpenAppeal', applicationId: 'm', ground: 'eligible' });
  const judging: Command = { type: 'DecideAppeal', applicationId: 'm', upheld: false, note: 'no' };
  expect(told.as('senior').tell(judging).refusal()).toBe('SAME_PERSON');
  expect(told.as('another senior').tell(judging).refusal()).toBeUndefined();
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
  const told = hongKong(later);
  const consent = { programmeId: 'hk-aeo', consentId: 'abroad', arrangement: '' };
  told.tell({ type: 'RecordConsent', ...consent, given: true });
  expect(told.refusal()).toBeUndefined();
  told.on('2028-06-01T00:00:00.000Z').tell({ type: 'RecordConsent', ...consent, given: false });
  expect(told.refusal()).toBeUndefined();
  expect(told.state().consents['hk-aeo/abroad/']).toMatchObject({ given: false });
  expect(told.tell({ type: 'RecordConsent', ...consent, given: false }).refusal()).toBeUndefined();
  told.tell({ type: 'RecordConsent', ...consent, consentId: 'another', given: true });
  expect(told.refusal()).toBe('NOT_FOUND consentId');
});
