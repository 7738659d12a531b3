import { expect, test } from 'vitest';
import { effortOf, questionsFor } from '../domain/questions/questions.ts';
import { evaluate, loadProgrammes } from './programme-files.ts';

const programmes = loadProgrammes('services/programmes/files');

/** What a firm is asked that wants a tier, in one role and of one size. */
function asked(id: string, tier: string, { size = '', role = '', facts = {} }) {
  const definition = programmes.inForce(id, '2026-11-25')!;
  const roles = role === '' ? [] : [role];
  const firm = { sizeClass: size, roles, tiers: [tier], facts, asOf: '2026-11-25' };
  const questionnaire = questionsFor(definition, firm, evaluate);
  const { questions, questionsIfTheyApply, documents } = effortOf(questionnaire, definition, size);
  return [questions, questionsIfTheyApply, documents.length, questionnaire.overlays.length];
}

// Questions, those that may not apply, documents, overlays: of a small firm, and of one that is not.
test.each([
  ['on lighter terms', 'in-aeo', 'T1', { size: 'msme' }, [8, 0, 3, 1], [11, 2, 8, 0]],
  ['on lighter terms, with a visit', 'in-aeo', 'T2', { size: 'msme' }, [8, 0, 4, 1], [11, 2, 9, 0]],
  ['by proportionate proof', 'eu-aeo', 'AEOC', { size: 'small' }, [9, 1, 3, 0], [9, 1, 3, 0]],
])('a small firm %s: %s %s', (_, id, tier, { size }, small, other) => {
  expect([asked(id, tier, { size }), asked(id, tier, {})]).toEqual([small, other]);
});

test('a small firm has alternatives of evidence that a large firm has not', () => {
  const definition = programmes.inForce('eu-aeo', '2026-11-25')!;
  const ways = (sizeClass: string) =>
    questionsFor(
      definition,
      { sizeClass, roles: [], tiers: ['AEOC'], facts: {}, asOf: '2026-11-25' },
      evaluate,
    )
      .evidence.find(({ criterion }) => criterion === 'solvency')
      ?.alternatives.map(({ id }) => id);
  expect([ways('small'), ways('')]).toEqual([['accounts', 'bank'], ['accounts']]);
});

test('a lower tier asks for less, of every size', () => {
  expect([asked('hk-aeo', 'tier-1', {}), asked('hk-aeo', 'tier-2', {})]).toEqual([
    [10, 1, 4, 0],
    [12, 1, 4, 0],
  ]);
});

test('a firm that relies on another firm’s site is not asked about its own', () => {
  const own = asked('nz-ses', 'ses-exporter', { role: 'exporter', facts: { ownLoadSite: true } });
  const relying = asked('nz-ses', 'ses-exporter', { role: 'exporter', facts: { ownLoadSite: false } });
  expect([own, relying]).toEqual([
    [6, 0, 1, 0],
    [5, 0, 2, 0],
  ]);
});

test('the simplified status asks a small firm one question, and the rest is not known', () => {
  const simplified = asked('do-oea', 'simplificado', { size: 'mipyme' });
  expect([simplified, asked('do-oea', 'internacional', {})]).toEqual([
    [1, 0, 1, 0],
    [3, 0, 2, 0],
  ]);
});
