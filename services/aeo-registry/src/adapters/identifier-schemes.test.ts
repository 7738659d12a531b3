import fc from 'fast-check';
import { expect, test } from 'vitest';
import { identifierChecker, readSchemes } from './identifier-schemes.ts';

const schemes = readSchemes('services/aeo-registry/identifier-schemes.json');
const check = identifierChecker(schemes);
const examples = schemes.flatMap(({ scheme, country, rule, examples: numbers }) =>
  numbers.map((value) => ({ scheme, country, value, rule })),
);
/** Those whose rule finds every wrong digit: it weighs each with something that has no factor in common with it. */
const exact = ['uscc', 'corporate-number', 'abn', 'bn15', 'tax-reference', 'hp', 'orgnr'];

test('identifier schemes of more than twenty countries have rules', () => {
  expect(new Set(schemes.map(({ country }) => country)).size).toBeGreaterThan(20);
  expect(examples.length).toBeGreaterThanOrEqual(30);
});

test.each(examples)('$value is a $scheme of $country', ({ scheme, country, value }) => {
  expect(check({ scheme, country, value })).toBe('valid');
});

test.each([
  ['uscc', 'CN', '91110000600037342L', 'checksum_failed'],
  ['uscc', 'CN', '9111000060003734IL', 'format_invalid'],
  ['corporate-number', 'JP', '5835678256247', 'checksum_failed'],
  ['uen', 'SG', '00192201M', 'checksum_failed'],
  ['uid', 'CH', 'CHE100155222', 'checksum_failed'],
  ['cnpj', 'BR', '12ABC34501DE15', 'checksum_failed'],
  ['cnpj', 'BR', '16.727.230/0001-97', 'format_invalid'],
  ['abn', 'AU', '51824753557', 'checksum_failed'],
  ['bn15', 'CA', '123026635RC001', 'format_invalid'],
  ['ubn', 'TW', '00501513', 'checksum_failed'],
  ['iec', 'IN', 'ACUPA0000R', 'format_invalid'],
  ['aeo-code', 'CN', 'AEOCN012345678', 'format_invalid'],
  ['aeo-code', 'JP', 'JP1234567890123456', 'format_invalid'],
  ['eori', 'AT', 'ATU12345678', 'format_invalid'],
  ['eori', 'GB', 'GB1234567890001', 'format_invalid'],
  ['eori', 'FR', 'FR12345678901234', 'valid'],
  ['eori', 'FR', 'DE12345678901234', 'format_invalid'],
  ['mid', 'US', 'CAOZR92MEL', 'format_invalid'],
  ['mid', 'US', 'XOOZR92MEL', 'valid'],
])('%s of %s, %s: %s', (scheme, country, value, standing) => {
  expect(check({ scheme, country, value })).toBe(standing);
});

test('a failed check digit is a warning where numbers in use fail it, and a wrong format is an error', () => {
  expect(check({ scheme: 'rfc', country: 'MX', value: 'MAB9307148T5' })).toBe('checksum_warning');
  expect(check({ scheme: 'rfc', country: 'MX', value: 'MAB930714' })).toBe('format_invalid');
});

test('a scheme without a rule is not checked, nor is one of another country', () => {
  expect(check({ scheme: 'national-trader-id', country: 'XA', value: 'ABC123' })).toBe('unchecked');
  expect(check({ scheme: 'cnpj', country: 'XA', value: '1' })).toBe('unchecked');
});

test.each(examples.filter(({ scheme }) => exact.includes(scheme)))(
  'another digit in $value is detected',
  ({ scheme, country, value }) => {
    const places = [...(scheme === 'bn15' ? value.slice(0, 9) : value)].flatMap((character, index) =>
      /\d/.test(character) ? [index] : [],
    );
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.integer({ min: 1, max: 9 }), (place, more) => {
        const other = (Number(value[place]) + more) % 10;
        const changed = `${value.slice(0, place)}${other}${value.slice(place + 1)}`;
        expect(check({ scheme, country, value: changed })).not.toBe('valid');
      }),
    );
  },
);

test('a rule missing from the library is reported, and so is a scheme listed twice', () => {
  const [first] = schemes;
  const odd = { ...first!, rule: { library: 'ZZ/none', checkDigit: 'required' as const } };
  expect(() => identifierChecker([odd])).toThrow('the library has no ZZ/none');
});

test.each([
  ['ird', 'NZ', '49091850', '049091850'],
  ['nit', 'GT', '576937K', '000576937K'],
  ['nit', 'CO', '2131234321', '002131234321'],
  ['bn15', 'CA', '123026635RC0001', '123026635'],
])('a %s of %s has one spelling', (scheme, country, value, other) => {
  expect(check({ scheme, country, value })).toBe('valid');
  expect(check({ scheme, country, value: other })).toBe('format_invalid');
});
