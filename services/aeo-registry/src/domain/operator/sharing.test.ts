import { expect, test } from 'vitest';
import { sharingOf } from './sharing.ts';

const certificate = { programmeId: 'p', programmeVersion: 1, tier: 'first' };

type ConsentRule = { id: string; mode: 'general' | 'perArrangement'; purpose?: string };

function sharing(
  rules: ConsentRule[],
  consents: Record<string, boolean>,
  mraEligible: boolean | 'unknown' = true,
) {
  const definition = {
    tiers: [{ id: 'first', mraEligible }],
    consents: rules.map((each) => ({ purpose: 'mutualRecognition', ...each })),
  };
  const programmes = { version: (_: string, version: number) => (version === 1 ? definition : undefined) };
  const held = Object.entries(consents).map(([key, given]) => [key, { given, at: '' }]);
  return sharingOf(certificate, { consents: Object.fromEntries(held) as never }, programmes as never);
}

const general: ConsentRule = { id: 'c', mode: 'general' };
const perArrangement: ConsentRule = { id: 'c', mode: 'perArrangement' };

test.each<[string, ConsentRule[], Record<string, boolean>, unknown]>([
  ['a programme that asks for none', [], {}, 'all'],
  ['a consent that was never given', [general], {}, []],
  ['a consent that was given', [general], { 'p/c/': true }, 'all'],
  ['a consent that was withdrawn', [general], { 'p/c/': false }, []],
  ['the consent of another programme', [general], { 'q/c/': true }, []],
  ['a consent for each, given for some', [perArrangement], { 'p/c/a': true, 'p/c/b': false }, ['a']],
  ['a consent for each under a similar name', [perArrangement], { 'p/c2/a': true }, []],
  ['a general consent where each is rules for', [perArrangement], { 'p/c/a': false }, []],
  ['two consents, one of them given', [general, { id: 'd', mode: 'general' }], { 'p/c/': true }, []],
  [
    'two consents of two modes',
    [general, { ...perArrangement, id: 'd' }],
    { 'p/c/': true, 'p/d/a': true },
    ['a'],
  ],
  ['a consent for something else', [{ ...general, purpose: 'statistics' }], {}, 'all'],
])('%s', (_, rules, consents, expected) => {
  expect(sharing(rules, consents)).toEqual(expected);
});

test('a tier that is not eligible abroad is shared with nobody; where that is unknown, consents decide', () => {
  expect(sharing([], {}, false)).toEqual([]);
  expect(sharing([], {}, 'unknown')).toBe('all');
});

test('a certificate of an unknown programme version is shared with nobody', () => {
  const none = { version: () => undefined };
  expect(sharingOf({ ...certificate, programmeVersion: 2 }, { consents: {} }, none)).toEqual([]);
});
