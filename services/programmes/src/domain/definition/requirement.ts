import type { Criterion, Texts } from './definition.ts';

/** Names in braces, as in "at least {minimum} documents". */
export function placeholdersIn(texts: Texts): string[] {
  return [
    ...new Set(
      Object.values(texts).flatMap((text) =>
        [...text.matchAll(/\{([\w.]+)\}/g)].map((found) => found[1] ?? ''),
      ),
    ),
  ];
}

/** What is required, with the figures in their places: those of the parameters, and `{lookback}` for how far back. */
export function filled({ requirement, parameters = {}, lookback }: Criterion): Texts {
  const figures: Record<string, unknown> = { ...parameters, ...(lookback ? { lookback: lookback.n } : {}) };
  const entries = Object.entries(requirement).map(([language, text]) => [
    language,
    text.replaceAll(/\{([\w.]+)\}/g, (whole, name: string) =>
      Object.hasOwn(figures, name) ? String(figures[name]) : whole,
    ),
  ]);
  return Object.fromEntries(entries) as Texts;
}
