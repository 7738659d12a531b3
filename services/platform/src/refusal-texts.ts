import { readFileSync } from 'node:fs';

/** In the order of preference where a caller names none. */
export const languages = ['en', 'es', 'fr', 'ar'] as const;

export type Language = (typeof languages)[number];

const texts = JSON.parse(readFileSync(new URL('../refusal-texts.json', import.meta.url), 'utf8')) as Readonly<
  Record<string, Readonly<Record<Language, string>>>
>;

/**
 * The language asked for first that texts are written in, English where none is (RFC 9110, 12.5.4; weights apart, which
 * callers give in falling order).
 */
export function languageAskedFor(accepted: string): Language {
  const asked = accepted.split(',').map((each) => each.trim().slice(0, 2).toLowerCase());
  return asked.flatMap((each) => languages.filter((known) => known === each))[0] ?? 'en';
}

/** What a code means, in words for whoever has to mend it; the code itself where it has none. */
export function refusalText(code: string, language: Language): string {
  return Object.hasOwn(texts, code) ? (texts[code]?.[language] ?? code) : code;
}
