import { readFileSync } from 'node:fs';
import { schemePattern } from '@aeo/platform/field-formats';
import { stdnum, type Validator } from 'stdnum';
import { z } from 'zod';
import type { CheckIdentifier, IdentifierStanding } from '../domain/operator/identifier.ts';

const rule = z.union([
  /**
   * The library's own rule, by country and name. Where a check digit is `advisory`, numbers in use are known to fail; a
   * pattern says which of several spellings that the library takes is the one.
   */
  z.strictObject({
    library: z.string().regex(/^[A-Z]{2}\/[a-z]+$/),
    checkDigit: z.enum(['required', 'advisory']),
    pattern: z.string().startsWith('^').endsWith('$').optional(),
  }),
  /** A form alone; `{country}` stands for the country whose number it is. */
  z.strictObject({ pattern: z.string().startsWith('^').endsWith('$') }),
]);

const schemesFile = z.strictObject({
  schemes: z.array(
    z.strictObject({
      scheme: z.string().regex(schemePattern),
      /** `*`: of every country that has no rule of its own. */
      country: z.string().regex(/^([A-Z]{2}|\*)$/),
      rule,
      /** Numbers that must pass. */
      examples: z.array(z.string()),
      source: z.string().min(1),
      note: z.string().optional(),
    }),
  ),
});

export type IdentifierScheme = z.output<typeof schemesFile>['schemes'][number];

/** @throws Error naming the place in the file, or the rule that the library does not have */
export function readSchemes(path: string): IdentifierScheme[] {
  const { schemes } = schemesFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  const names = schemes.map(({ scheme, country }) => keyOf(scheme, country));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`${path}: ${twice} is there twice`);
  return schemes;
}

/**
 * Checks numbers by the rules of their schemes. A number has to be written as the scheme has it, without separators,
 * so that it has one spelling here and abroad.
 *
 * @throws Error where the library does not have a rule that is named
 */
export function identifierChecker(schemes: readonly IdentifierScheme[]): CheckIdentifier {
  const checks = new Map(schemes.map((each) => [keyOf(each.scheme, each.country), checkOf(each)]));
  return ({ scheme, country, value }) => {
    const check = checks.get(keyOf(scheme, country)) ?? checks.get(keyOf(scheme, '*'));
    return check === undefined ? 'unchecked' : check(value, country);
  };
}

const keyOf = (scheme: string, country: string) => `${scheme} of ${country}`;

type Check = (value: string, country: string) => IdentifierStanding;

function checkOf({ rule: by, scheme, country }: IdentifierScheme): Check {
  if (!('library' in by))
    return (value, of) =>
      new RegExp(by.pattern.replace('{country}', of)).test(value) ? 'valid' : 'format_invalid';
  const [place = '', name = ''] = by.library.split('/');
  const validator = stdnum[place]?.[name];
  if (validator === undefined) throw new Error(`${keyOf(scheme, country)}: the library has no ${by.library}`);
  const spelling = new RegExp(by.pattern ?? '');
  return (value) => {
    if (!spelling.test(value)) return 'format_invalid';
    const standing = standingBy(validator, value);
    return standing === 'checksum_failed' && by.checkDigit === 'advisory' ? 'checksum_warning' : standing;
  };
}

function standingBy(validator: Validator, value: string): IdentifierStanding {
  const result = validator.validate(value);
  if (result.isValid) return result.compact === value ? 'valid' : 'format_invalid';
  return result.error.name === 'InvalidChecksum' ? 'checksum_failed' : 'format_invalid';
}
