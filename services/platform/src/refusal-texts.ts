import { readFileSync } from 'node:fs';

/** In the order of preference where a caller names none. */
export const languages = ['en', 'es', 'fr', 'ar'] as const;

export type Language = (typeof languages)[number];

const texts = JSON.parse(readFileSync(new URL('../refusal-texts.json', import.meta.url), 'utf8')) as Readonly<
  Record<string, Readonly<Record<Language, string>>>
>;

/** What a code means, in words for whoever has to mend it; the code itself where it has none. */
export function refusalText(code: string, language: Language): string {
  return Object.hasOwn(texts, code) ? (texts[code]?.[language] ?? code) : code;
}
