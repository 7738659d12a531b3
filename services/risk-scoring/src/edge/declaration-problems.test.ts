import { common, declaration } from '@aeo/proto';
import { expect, test } from 'vitest';
import { declarationProblems, isStorableDay } from './declaration-problems.ts';

type Declared = Parameters<typeof declaration.Declaration.fromPartial>[0];

const identifier = { scheme: 'national-trader-id', country: 'XA', value: 'I1' };
const importer = { role: common.PartyRole.IMPORTER, identifier };
const good = {
  declarationId: 'one',
  version: 1,
  kind: common.DeclarationKind.IMPORT,
  office: '20',
  declaredOn: '2021-01-01',
  direction: common.Direction.IMPORT,
  importType: '11',
  transportMode: common.TransportMode.SEA,
  parties: [importer],
  items: [{ number: 1, hs6: '440890', countryOfOrigin: 'XB' }],
} satisfies Declared;

const problems = (changes: Declared) =>
  declarationProblems(declaration.Declaration.fromPartial({ ...good, ...changes }), 'rows[0].declaration');

test('a declaration that can be used has no problems', () => {
  expect(problems({})).toEqual([]);
});

test.each<[string, Declared, string, string]>([
  ['no party at all', { parties: [] }, 'parties', 'PARTY_MISSING'],
  [
    'no importer',
    { parties: [{ role: common.PartyRole.DECLARANT, identifier }] },
    'parties',
    'PARTY_MISSING',
  ],
  [
    'an export without an exporter',
    { direction: common.Direction.EXPORT, kind: common.DeclarationKind.EXPORT },
    'parties',
    'PARTY_MISSING',
  ],
  ['an unknown kind', { kind: 99 as common.DeclarationKind }, 'kind', 'FIELD_UNKNOWN_VALUE'],
  ['no kind', { kind: common.DeclarationKind.UNSPECIFIED }, 'kind', 'FIELD_UNKNOWN_VALUE'],
  ['an unknown direction', { direction: 99 as common.Direction }, 'direction', 'FIELD_UNKNOWN_VALUE'],
  ['an unknown mode', { transportMode: 99 as common.TransportMode }, 'transportMode', 'FIELD_UNKNOWN_VALUE'],
  [
    'an unknown role',
    { parties: [importer, { role: 99 as common.PartyRole }] },
    'parties[1].role',
    'FIELD_UNKNOWN_VALUE',
  ],
  [
    'a malformed identifier',
    { parties: [{ ...importer, identifier: { ...identifier, value: 'i 1' } }] },
    'parties[0].identifier',
    'IDENTIFIER_FORMAT',
  ],
  ['a NUL in a code', { importType: '1\u00001' }, 'importType', 'FIELD_FORMAT'],
  ['a NUL in the office', { office: '20\u0000' }, 'office', 'FIELD_FORMAT'],
  [
    'a NUL in an item',
    { items: [{ hs6: '440890', countryOfOrigin: '\u0000' }] },
    'items[0].countryOfOrigin',
    'FIELD_FORMAT',
  ],
  ['a code beyond measure', { paymentType: 'x'.repeat(257) }, 'paymentType', 'FIELD_FORMAT'],
  ['a year no calendar has', { declaredOn: '0000-01-01' }, 'declaredOn', 'FIELD_FORMAT'],
  [
    'a negative mass',
    { items: [{ hs6: '440890', netMassGrams: -1n }] },
    'items[0].netMassGrams',
    'FIELD_RANGE',
  ],
])('%s is named by its path', (_, changes, field, code) => {
  expect(problems(changes)).toEqual([{ path: `rows[0].declaration.${field}`, code }]);
});

test.each([
  ['2020-02-29', true],
  ['2021-02-29', false],
  ['0000-01-01', false],
  ['2021-1-1', false],
])('%s is a day: %s', (text, answer) => {
  expect(isStorableDay(text)).toBe(answer);
});
