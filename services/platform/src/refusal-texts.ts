import { readFileSync } from 'node:fs';

/** In the order of preference where a caller names none. */
export const languages = ['en', 'es', 'fr', 'ar'] as const;

export type Language = (typeof languages)[number];

const texts = JSON.parse(readFileSync(new URL('../refusal-texts.json', import.meta.url), 'utf8')) as Readonly<
  Record<string, Readonly<Record<Language, string>>>
>;

/**
 * The first accepted language that texts are written in, English where there is none (RFC 9110, 12.5.4; weights are not
 * read, since callers list languages in falling order).
 */
export function preferredLanguage(accepted: string): Language {
  const wanted = accepted.split(',').map((each) => each.trim().slice(0, 2).toLowerCase());
  return wanted.flatMap((each) => languages.filter((known) => known === each))[0] ?? 'en';
}

/** What a code means, for the person who has to correct the request; the code itself where it has no text. */
export function refusalText(code: string, language: Language): string {
  return Object.hasOwn(texts, code) ? (texts[code]?.[language] ?? code) : code;
}
