import { globSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import countries from 'i18n-iso-countries';
import ts from 'typescript';
import { expect, test } from 'vitest';

type Programme = { id: string; tiers: { id: string }[] };
type Arrangement = { id: string };

const read = <T>(folder: string) =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as T);

countries.registerLocale(
  createRequire(import.meta.url)('i18n-iso-countries/langs/en.json') as Parameters<
    typeof countries.registerLocale
  >[0],
);

/** Codes of countries, of the Union, and those that users may assign (ISO 3166-1: AA, QM to QZ, XA to XZ, ZZ). */
const userAssigned = /^(AA|Q[M-Z]|X[A-Z]|ZZ|AAA|Q[M-Z][A-Z]|X[A-Z]{2}|ZZ[A-Z])$/;
const codes = new Set([
  ...Object.keys(countries.getAlpha2Codes()),
  ...Object.keys(countries.getAlpha3Codes()),
  'EU',
]);

/**
 * Names of countries and ids of programmes, tiers and arrangements, in small letters. A partner is known by the code of
 * its country; the administrations of the demonstration are called home and partner, which are words like any other.
 */
function names(): Set<string> {
  const ofCountries = Object.values(countries.getNames('en', { select: 'all' })).flat();
  const programmes = read<Programme>('services/programmes/files');
  const arrangements = read<Arrangement>('services/mutual-recognition/arrangements');
  return new Set(
    [
      ...ofCountries,
      ...programmes.flatMap(({ id, tiers }) => [id, ...tiers.map((tier) => tier.id)]),
      ...arrangements.map(({ id }) => id),
    ].map((name) => name.toLowerCase()),
  );
}

/** The literals of a source that name a country, programme, tier or arrangement, with their lines. */
function namedIn(file: string, text: string, known: ReadonlySet<string>): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const literal =
      ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)
        ? node.text
        : undefined;
    if (literal !== undefined && isNamed(literal, known))
      found.push(`${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${literal}`);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isNamed(literal: string, known: ReadonlySet<string>): boolean {
  const text = literal.trim();
  return codes.has(text) || userAssigned.test(text) || known.has(text.toLowerCase());
}

const sources = globSync('services/*/src/**/*.ts').filter((file) => !file.endsWith('.test.ts'));

test('no source of a service names a country, a programme, a tier, a partner or an arrangement', () => {
  const known = names();
  expect(sources.length).toBeGreaterThan(150);
  expect(sources.flatMap((file) => namedIn(file, readFileSync(file, 'utf8'), known))).toEqual([]);
});

test.each([
  "const country = 'IN';",
  'const country = "NZL";',
  "const union = 'EU';",
  "const demonstration = 'XA';",
  'const spelled = `new zealand`;',
  "if (tier === 'aeoc') grant();",
  "const programme = { 'in-aeo': 1 };",
  'const within = `IN${value}`;',
])('the check finds %s', (planted) => {
  expect(namedIn('planted.ts', planted, names())).toHaveLength(1);
});

test.each(["const word = 'in';", "const sentence = 'EU law says';", '// IN'])(
  'the check ignores %s',
  (innocent) => {
    expect(namedIn('innocent.ts', innocent, names())).toEqual([]);
  },
);
