import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { languages, type Language } from '../../services/platform/src/refusal-texts.ts';

type Texts = Record<string, Record<Language, string>>;

const texts = JSON.parse(readFileSync('services/platform/refusal-texts.json', 'utf8')) as Texts;

/** Shown on the terminal to a person who starts a service or writes a programme, never to a caller. */
const elsewhere = [
  'programmes',
  'programmes-in-use.postgres.ts',
  'listen-error.ts',
  'config.ts',
  'serving.ts',
  'server.ts',
  'connection.ts',
];

const places = [
  /new AppError\(\s*'\w+',\s*'([A-Z_]+)'/g,
  /code: '([A-Z]+_[A-Z_]+)'/g,
  /check\([^;]*?'([A-Z]+_[A-Z_]+)'\)/g,
  /refused?\([^;]*?'([A-Z]+_[A-Z_]+)'/g,
  /(?:return|[?:]) '([A-Z]+_[A-Z_]+)'/g,
  /\| \(('[A-Z_' |]+')\)/g,
];

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true }).flatMap(({ name, parentPath }) => {
    const parts = [...parentPath.split('/'), name];
    const isOurs = name.endsWith('.ts') && !name.includes('.test.') && !parts.includes('node_modules');
    return isOurs && !parts.some((part) => elsewhere.includes(part)) ? [join(parentPath, name)] : [];
  });
}

function codesIn(text: string): string[] {
  return places.flatMap((place) =>
    [...text.matchAll(place)].flatMap(([, found = '']) =>
      found.split(/[' |]+/).filter((code) => code !== ''),
    ),
  );
}

/** Codes without a text in each language, and texts that are the English one over again. */
function missing(codes: Iterable<string>, known: Texts): string[] {
  return [...codes].flatMap((code) =>
    languages.flatMap((language) => {
      const text = known[code]?.[language] ?? '';
      const isCopied = language !== 'en' && text === known[code]?.en;
      return text.trim() === '' || isCopied ? [`${code} in ${language}`] : [];
    }),
  );
}

const codes = new Set(sources('services').flatMap((file) => codesIn(readFileSync(file, 'utf8'))));

test('every error code that a caller may receive has a text in each language', () => {
  expect(codes.size).toBeGreaterThanOrEqual(45);
  expect(missing(codes, texts)).toEqual([]);
});

test('every text belongs to an error code that a caller may receive', () => {
  expect(Object.keys(texts).filter((code) => !codes.has(code))).toEqual([]);
});

test('the check finds a code without a text and a text without a translation', () => {
  const planted = codesIn("throw new AppError('invalid', 'NEVER_WRITTEN', 'why');");
  expect(missing(planted, texts)).toHaveLength(languages.length);
  const copied = { ...texts['NOT_FOUND']!, fr: texts['NOT_FOUND']!.en };
  expect(missing(['NOT_FOUND'], { NOT_FOUND: copied })).toEqual(['NOT_FOUND in fr']);
});
