import { expect, test } from 'vitest';
import { registered, operatorStory } from '../../../../../tests/setup/registry/operator-story.ts';
import { authorizationProblem, mayReadEvidence, type Principal } from './access.ts';
import type { Command } from './decide.ts';

const person = (roles: string[], agencies: string[] = []): Principal => ({
  kind: 'token',
  subject: 'somebody',
  roles,
  operatorIds: [],
  agencies,
});
const system: Principal = { ...person([]), kind: 'certificate', subject: 'workplace' };

const story = operatorStory('2026-03-02T09:00:00.000Z').send(registered);
const found = (command: Command, asker: Principal, actor = 'somebody') =>
  authorizationProblem(command, asker, story.state(), { ...story.context(), actor });

const applied = { tiers: ['mita'], roles: [], designatedFor: ['mita'], renewal: false };
test.each<Command>([
  { type: 'StartDraft', applicationId: 'a', programmeId: 'id-aeo', applied },
  { type: 'SaveDraft', applicationId: 'a', applied: { designatedFor: ['mita'] }, answers: {} },
  { type: 'SubmitApplication', applicationId: 'a', programmeId: 'id-aeo', applied },
])('a firm does not designate itself: $type', (command) => {
  const refusal = { reason: 'NOT_ALLOWED', path: 'designatedFor' };
  expect(found(command, person(['applicant']))).toEqual(refusal);
  expect(found(command, person(['adviser']))).toEqual(refusal);
  expect(found(command, person(['officer']))).toBeUndefined();
  expect(found(command, system)).toBeUndefined();
  const undesignated = { ...command, applied: { ...applied, designatedFor: [] } } as Command;
  expect(found(undesignated, person(['applicant']))).toBeUndefined();
});

test('a system names the person where two persons decide', () => {
  const commands: Command[] = [
    { type: 'DecideApplication', applicationId: 'a', certificateId: 'c' },
    { type: 'ApproveDecision', applicationId: 'a', certificateId: 'c' },
    { type: 'RejectProposal', applicationId: 'a', reason: 'why' },
    { type: 'DecideAppeal', applicationId: 'a', upheld: true, note: 'why' },
  ];
  for (const command of commands) {
    expect(found(command, system, 'workplace')).toEqual({ reason: 'FIELD_REQUIRED', path: 'actor' });
    expect(found(command, system, 'Ines Valdar')).toBeUndefined();
    expect(found(command, person(['officer']))).toBeUndefined();
  }
});

test('an agency reads the documents of programmes that share evidence with it', () => {
  const shares = (sharesEvidence: boolean | 'unknown') => ({
    agencies: [{ id: 'tax', label: {}, steps: [], sharesEvidence, sources: [] }],
  });
  expect(mayReadEvidence(shares(true), person(['agency'], ['tax']))).toBe(true);
  expect(mayReadEvidence(shares(true), person(['agency'], ['health']))).toBe(false);
  expect(mayReadEvidence(shares(false), person(['agency'], ['tax']))).toBe(false);
  expect(mayReadEvidence(shares('unknown'), person(['agency'], ['tax']))).toBe(false);
  expect(mayReadEvidence(undefined, person(['agency'], ['tax']))).toBe(false);
  for (const role of ['applicant', 'officer', 'auditor'])
    expect(mayReadEvidence(undefined, person([role]))).toBe(true);
  expect(mayReadEvidence(undefined, system)).toBe(true);
});
