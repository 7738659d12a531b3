import { expect, test } from 'vitest';
import { findPersonalData, logTexts, metricTexts } from './personal-data.ts';

const forbidden = new Map([
  ['SHHZGSL', 'importer'],
  ['56839011', 'declaration'],
  ['0d9a1c7e-1111-8222-8333-444455556666', 'operator'],
  ['Müller & Söhne GmbH', 'name'],
  ['CN', 'country'],
  ['40', 'office'],
]);
const found = (text: string) =>
  findPersonalData(forbidden, [{ place: 'here', text }]).map(({ kind }) => kind);

test.each([
  ['{"message":"a request failed","importer":"SHHZGSL"}', 'importer'],
  ['key shhzgsl was refused', 'importer'],
  ['declaration/56839011', 'declaration'],
  ['Key (declaration_id, version)=(56839011, 1) already exists.', 'declaration'],
  ['home:decision:56839011:1', 'declaration'],
  ['status of 0D9A1C7E-1111-8222-8333-444455556666.', 'operator'],
  ['"name":"Müller & Söhne GmbH"', 'name'],
])('a personal value is found wherever it stands as a whole: %s', (text, kind) => {
  expect(found(text)).toEqual([kind]);
});

test.each([
  'XSHHZGSL and SHHZGSLX are other words',
  'offset 156839011, and 568390112',
  'took 0.56839011 s, or 56839011.5',
  'country CN, office 40',
  '0d9a1c7e-1111-8222-8333-444455556667',
  'Müller & Söhne',
])('what only resembles one is not: %s', (text) => {
  expect(found(text)).toEqual([]);
});

test('a finding names file and line, and does not repeat the value', () => {
  const findings = findPersonalData(forbidden, logTexts('a.log', 'ready\n\n"SHHZGSL"\n'));
  expect(findings).toEqual([{ place: 'a.log:3', kind: 'importer' }]);
});

test('labels of metrics are searched, and the digits of samples are not', () => {
  const text = [
    '# HELP one tells of 56839011',
    'one{topic="a"} 56839011',
    'one{declaration="56839011"} 1',
    'two 1',
  ].join('\n');
  const findings = findPersonalData(forbidden, metricTexts('metrics', text));
  expect(findings.map(({ place }) => place)).toEqual(['metrics:1', 'metrics:3']);
});
