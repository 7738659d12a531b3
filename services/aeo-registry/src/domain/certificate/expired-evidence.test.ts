import { expect, test } from 'vitest';
import {
  programmesWith,
  registered,
  operatorStory,
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

function certified(story: Story, { programmeId, tier, role, answers }: Applying, steps: [string, string][]) {
  const applied = { tiers: [tier], roles: [role], designatedFor: [], renewal: false };
  story.send({ type: 'StartDraft', applicationId: 'a', programmeId, applied });
  story.send({ type: 'SaveDraft', applicationId: 'a', applied: {}, answers });
  const isPrecheck = (step: string) => step === 'self-assessment' || step === 'test';
  const take = ([step, outcome]: [string, string]) =>
    story.send({ type: 'TakeStep', applicationId: 'a', step, outcome });
  steps.filter(([step]) => isPrecheck(step)).forEach(take);
  story.send({ type: 'SubmitApplication', applicationId: 'a', programmeId });
  steps.filter(([step]) => !isPrecheck(step)).forEach(take);
  story.as('first officer').send({ type: 'DecideApplication', applicationId: 'a', certificateId: 'c' });
  story.as('second officer').send({ type: 'ApproveDecision', applicationId: 'a', certificateId: 'c' });
  expect(story.state().certificates['c']).toMatchObject({ status: 'active', tier, lapsedProofs: {} });
  return story;
}

/** A small firm, whose certificate of its size runs until the last of March. */
function smallFirm(programmes?: Parameters<typeof operatorStory>[1]): Story {
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
  const story = operatorStory('2026-03-02T09:00:00.000Z', programmes).send(
    registered,
    { type: 'RecordFacts', programmeId: 'in-aeo', origin: 'authority', facts: { seriousCases: [] } },
    document('in-aeo', 'msme-certificate', 'size', { validUntil: '2026-03-31' }),
    ...['msme-annexure-1', 'msme-annexure-2'].map((type) => document('in-aeo', type, type)),
  );
  return certified(story, { programmeId: 'in-aeo', tier: 'T1', role: 'exporter', answers }, [
    ['completeness', 'complete'],
    ['desk', 'examined'],
  ]);
}

test('an expired proof of size is reported once, on the day after its last day, and changes no status', () => {
  const story = smallFirm();
  const before = story.state().certificates['c'];
  const due = '2026-03-31T18:30:00.000Z';
  expect(nextDeadline(story.state(), story.context())).toBe(due);
  story.on('2026-03-31T18:29:59.000Z').send(look);
  expect(typesOf(story)).not.toContain('ProofLapsed');
  story.on(due).send(look, look);
  expect(story.events().filter(({ type }) => type === 'ProofLapsed')).toMatchObject([
    { certificateId: 'c', of: 'msme', on: '2026-04-01' },
  ]);
  expect(story.state().certificates['c']).toEqual({ ...before, lapsedProofs: { msme: '2026-04-01' } });
});

test('a new proof of size restores the evidence at once and expires in its turn', () => {
  const story = smallFirm().on('2026-04-10T00:00:00.000Z').send(look);
  expect(story.state().certificates['c']?.lapsedProofs).toEqual({ msme: '2026-04-10' });
  story
    .on('2026-04-12T09:00:00.000Z')
    .send(document('in-aeo', 'msme-certificate', 'new', { validUntil: '2026-06-30' }));
  expect(nextDeadline(story.state(), story.context())).toBe('2026-04-12T09:00:00.000Z');
  story.send(look, look);
  expect(story.events().filter(({ type }) => type === 'ProofRestored')).toHaveLength(1);
  expect(story.state().certificates['c']?.lapsedProofs).toEqual({});
  expect(nextDeadline(story.state(), story.context())).toBe('2026-06-30T18:30:00.000Z');
});

test('an expired proof of size is not reported where the programme does not know that the size must persist', () => {
  const story = smallFirm(
    programmesWith('in-aeo', (programme) => ({
      ...programme,
      sizeClasses: programme.sizeClasses.map((each) => ({ ...each, mustPersist: 'unknown' as const })),
    })),
  );
  story.on('2026-05-01T00:00:00.000Z').send(look);
  expect(typesOf(story)).not.toContain('ProofLapsed');
});

/** A firm whose competence rests on one person. */
function competent(programmes?: Parameters<typeof operatorStory>[1]): Story {
  const answers = { computerSystem: true, internalControls: true, accountsYears: 3, competentPerson: true };
  const facts = { offences: [], accountsYearsAllowed: 3, securityMet: true };
  const story = operatorStory('2026-03-02T09:00:00.000Z', programmes).send(
    registered,
    { type: 'RecordFacts', programmeId: 'za-aeo', origin: 'authority', facts },
    person('one', null),
    document('za-aeo', 'self-assessment', 'self'),
    document('za-aeo', 'audited-accounts', 'accounts'),
    document('za-aeo', 'competency-certificate', 'competency', { person: 'one' }),
  );
  return certified(story, { programmeId: 'za-aeo', tier: 'AEO-C', role: 'client', answers }, [
    ['self-assessment', 'ready'],
    ['test', 'passed'],
    ['desk', 'examined'],
  ]);
}

test('a person who leaves proves the competence no more: the criterion is reported until another person proves it', () => {
  const story = competent().on('2026-05-04T09:00:00.000Z').send(person('one', '2026-05-31'));
  expect(nextDeadline(story.state(), story.context())).toBe('2026-05-30T22:00:00.000Z');
  story.on('2026-05-30T22:00:00.000Z').send(look, look);
  expect(story.events().filter(({ type }) => type === 'ProofLapsed')).toMatchObject([{ of: 'competency' }]);
  expect(story.state().certificates['c']).toMatchObject({ status: 'active', tier: 'AEO-C' });
  story.send(
    person('two', null),
    document('za-aeo', 'competency-certificate', 'second', { person: 'two' }),
    look,
  );
  expect(story.state().certificates['c']?.lapsedProofs).toEqual({});
});

test('a recorded document counts from the day of its issue, and is evaluated then', () => {
  const story = smallFirm();
  const later = document('in-aeo', 'msme-certificate', 'later') as Command & { type: 'RecordEvidence' };
  story.send({ ...later, evidence: { ...later.evidence, issuedOn: '2026-04-10', validUntil: '2027-03-31' } });
  story.on('2026-04-01T00:00:00.000Z').send(look);
  expect(story.state().certificates['c']?.lapsedProofs).toEqual({ msme: '2026-04-01' });
  const issued = nextDeadline(story.state(), story.context())!;
  expect(issued).toBe('2026-04-09T18:30:00.000Z');
  story.on(issued).send(look);
  expect(story.state().certificates['c']?.lapsedProofs).toEqual({});
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
    const story = competent(programmes)
      .on('2026-05-04T09:00:00.000Z')
      .send(person('one', '2026-05-04'), look);
    expect(story.state().certificates['c']?.lapsedProofs).toEqual({ competency: '2026-05-04' });
  }
});
