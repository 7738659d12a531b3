import { expect, test } from 'vitest';
import {
  programmesWith,
  registered,
  story,
  typesOf,
  type Story,
} from '../../../../../tests/setup/registry/operator-story.ts';
import type { Command } from '../operator/decide.ts';
import type { FactValue } from '@aeo/programmes';
import { nextDeadline } from '../deadlines/process-deadlines.ts';

const look: Command = { type: 'ProcessDeadlines' };

type More = { validUntil?: string; person?: string };
const document = (
  programmeId: string,
  type: string,
  id: string,
  { validUntil, person }: More = {},
): Command => ({
  type: 'RecordEvidence',
  evidenceId: id,
  evidence: {
    programmeId,
    type,
    sha256: 'b'.repeat(64),
    bytes: 1_000,
    mediaType: 'application/pdf',
    issuedOn: null,
    validUntil: validUntil ?? null,
    person: person ?? null,
  },
});

const person = (id: string, leftOn: string | null): Command => ({
  type: 'RecordParticular',
  kind: 'person',
  id,
  particular: { name: `Person ${id}`, position: 'customs', leftOn },
});

type Applying = { programmeId: string; tier: string; role: string; answers: Record<string, FactValue> };

function certified(told: Story, { programmeId, tier, role, answers }: Applying, steps: [string, string][]) {
  const applied = { tiers: [tier], roles: [role], designatedFor: [], renewal: false };
  told.tell({ type: 'StartDraft', applicationId: 'a', programmeId, applied });
  told.tell({ type: 'SaveDraft', applicationId: 'a', applied: {}, answers });
  const isPrecheck = (step: string) => step === 'self-assessment' || step === 'test';
  const take = ([step, outcome]: [string, string]) =>
    told.tell({ type: 'TakeStep', applicationId: 'a', step, outcome });
  steps.filter(([step]) => isPrecheck(step)).forEach(take);
  told.tell({ type: 'SubmitApplication', applicationId: 'a', programmeId });
  steps.filter(([step]) => !isPrecheck(step)).forEach(take);
  told.as('first officer').tell({ type: 'DecideApplication', applicationId: 'a', certificateId: 'c' });
  told.as('second officer').tell({ type: 'ApproveDecision', applicationId: 'a', certificateId: 'c' });
  expect(told.state().certificates['c']).toMatchObject({ status: 'active', tier, lapsedProofs: {} });
  return told;
}

/** A small firm, whose certificate of its size runs until the last of March. */
function smallFirm(programmes?: Parameters<typeof story>[1]): Story {
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
  const told = story('2026-03-02T09:00:00.000Z', programmes).tell(
    registered,
    { type: 'RecordFacts', programmeId: 'in-aeo', origin: 'authority', facts: { seriousCases: [] } },
    document('in-aeo', 'msme-certificate', 'size', { validUntil: '2026-03-31' }),
    ...['msme-annexure-1', 'msme-annexure-2'].map((type) => document('in-aeo', type, type)),
  );
  return certified(told, { programmeId: 'in-aeo', tier: 'T1', role: 'exporter', answers }, [
    ['completeness', 'complete'],
    ['desk', 'examined'],
  ]);
}

test('an expired proof of size is reported once, on the day after its last day, and changes no status', () => {
  const told = smallFirm();
  const before = told.state().certificates['c'];
  const due = '2026-03-31T18:30:00.000Z';
  expect(nextDeadline(told.state(), told.context())).toBe(due);
  told.on('2026-03-31T18:29:59.000Z').tell(look);
  expect(typesOf(told)).not.toContain('ProofLapsed');
  told.on(due).tell(look, look);
  expect(told.events().filter(({ type }) => type === 'ProofLapsed')).toMatchObject([
    { certificateId: 'c', of: 'msme', on: '2026-04-01' },
  ]);
  expect(told.state().certificates['c']).toEqual({ ...before, lapsedProofs: { msme: '2026-04-01' } });
});

test('a new proof of size restores the evidence at once and expires in its turn', () => {
  const told = smallFirm().on('2026-04-10T00:00:00.000Z').tell(look);
  expect(told.state().certificates['c']?.lapsedProofs).toEqual({ msme: '2026-04-10' });
  told
    .on('2026-04-12T09:00:00.000Z')
    .tell(document('in-aeo', 'msme-certificate', 'new', { validUntil: '2026-06-30' }));
  expect(nextDeadline(told.state(), told.context())).toBe('2026-04-12T09:00:00.000Z');
  told.tell(look, look);
  expect(told.events().filter(({ type }) => type === 'ProofRestored')).toHaveLength(1);
  expect(told.state().certificates['c']?.lapsedProofs).toEqual({});
  expect(nextDeadline(told.state(), told.context())).toBe('2026-06-30T18:30:00.000Z');
});

test('an expired proof of size is not reported where the programme does not know that the size must persist', () => {
  const told = smallFirm(
    programmesWith('in-aeo', (programme) => ({
      ...programme,
      sizeClasses: programme.sizeClasses.map((each) => ({ ...each, mustPersist: 'unknown' as const })),
    })),
  );
  told.on('2026-05-01T00:00:00.000Z').tell(look);
  expect(typesOf(told)).not.toContain('ProofLapsed');
});

/** A firm whose competence rests on one person. */
function competent(programmes?: Parameters<typeof story>[1]): Story {
  const answers = { computerSystem: true, internalControls: true, accountsYears: 3, competentPerson: true };
  const facts = { offences: [], accountsYearsAllowed: 3, securityMet: true };
  const told = story('2026-03-02T09:00:00.000Z', programmes).tell(
    registered,
    { type: 'RecordFacts', programmeId: 'za-aeo', origin: 'authority', facts },
    person('one', null),
    document('za-aeo', 'self-assessment', 'self'),
    document('za-aeo', 'audited-accounts', 'accounts'),
    document('za-aeo', 'competency-certificate', 'competency', { person: 'one' }),
  );
  return certified(told, { programmeId: 'za-aeo', tier: 'AEO-C', role: 'client', answers }, [
    ['self-assessment', 'ready'],
    ['test', 'passed'],
    ['desk', 'examined'],
  ]);
}

test('a person who leaves proves the competence no more: the criterion is reported until another person proves it', () => {
  const told = competent().on('2026-05-04T09:00:00.000Z').tell(person('one', '2026-05-31'));
  expect(nextDeadline(told.state(), told.context())).toBe('2026-05-30T22:00:00.000Z');
  told.on('2026-05-30T22:00:00.000Z').tell(look, look);
  expect(told.events().filter(({ type }) => type === 'ProofLapsed')).toMatchObject([{ of: 'competency' }]);
  expect(told.state().certificates['c']).toMatchObject({ status: 'active', tier: 'AEO-C' });
  told.tell(
    person('two', null),
    document('za-aeo', 'competency-certificate', 'second', { person: 'two' }),
    look,
  );
  expect(told.state().certificates['c']?.lapsedProofs).toEqual({});
});

test('a recorded document counts from the day of its issue, and is evaluated then', () => {
  const told = smallFirm();
  const later = document('in-aeo', 'msme-certificate', 'later') as Command & { type: 'RecordEvidence' };
  told.tell({ ...later, evidence: { ...later.evidence, issuedOn: '2026-04-10', validUntil: '2027-03-31' } });
  told.on('2026-04-01T00:00:00.000Z').tell(look);
  expect(told.state().certificates['c']?.lapsedProofs).toEqual({ msme: '2026-04-01' });
  const issued = nextDeadline(told.state(), told.context())!;
  expect(issued).toBe('2026-04-09T18:30:00.000Z');
  told.on(issued).tell(look);
  expect(told.state().certificates['c']?.lapsedProofs).toEqual({});
});

test('an alternative that is not open to the firm does not keep a criterion proven', () => {
  const closed = {
    id: 'closed',
    label: { en: 'Closed' },
    all: ['audited-accounts'],
    when: 'sizeClass == "x"',
  };
  for (const place of [0, 1]) {
    const programmes = programmesWith('za-aeo', (programme) => ({
      ...programme,
      criteria: programme.criteria.map((each) =>
        each.id === 'competency' ? { ...each, evidence: each.evidence.toSpliced(place, 0, closed) } : each,
      ),
    }));
    const told = competent(programmes).on('2026-05-04T09:00:00.000Z').tell(person('one', '2026-05-04'), look);
    expect(told.state().certificates['c']?.lapsedProofs).toEqual({ competency: '2026-05-04' });
  }
});
