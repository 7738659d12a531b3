import { placeholdersIn } from '../definition/requirement.ts';
import type { Problem } from './problem.ts';
import type { ProgrammeDefinition } from '../definition/programme.ts';

const textNames = new Set([
  'authority',
  'name',
  'summary',
  'label',
  'requirement',
  'tolerance',
  'text',
  'help',
  'basis',
  'activation',
  'caveats',
]);

/** Texts that a language lacks or has too many of, and braces around names of nothing. */
export function textProblems(definition: ProgrammeDefinition): Problem[] {
  const { languages } = definition;
  const english: Problem[] = languages.includes('en')
    ? []
    : [{ code: 'TEXT_MISSING', path: 'languages', message: 'en is missing' }];
  return [
    ...english,
    ...missingIn(definition, '', languages.includes('en') ? languages : [...languages, 'en']),
    ...placeholderProblems(definition),
  ];
}

function missingIn(value: unknown, path: string, languages: readonly string[]): Problem[] {
  if (Array.isArray(value))
    return value.flatMap((each, index) => missingIn(each, join(path, nameOf(each) ?? index), languages));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value as Record<string, unknown>).flatMap(([name, part]) =>
    textNames.has(name) && typeof part === 'object' && part !== null
      ? textProblem(part as Record<string, unknown>, join(path, name), languages)
      : missingIn(part, join(path, name), languages),
  );
}

/** What an overlay puts into a file may be anything: it has no layout yet. */
function textProblem(texts: Record<string, unknown>, path: string, languages: readonly string[]): Problem[] {
  const missing = languages.filter((language) => {
    const text = Object.hasOwn(texts, language) ? texts[language] : undefined;
    return typeof text !== 'string' || text.trim() === '';
  });
  const extra = Object.keys(texts).filter((language) => !languages.includes(language));
  return [
    ...missing.map(
      (language) => ({ code: 'TEXT_MISSING', path, message: `${language} is missing` }) as const,
    ),
    ...extra.map(
      (language) =>
        ({ code: 'TEXT_MISSING', path, message: `${language} is not among the languages` }) as const,
    ),
  ];
}

function placeholderProblems({ criteria }: ProgrammeDefinition): Problem[] {
  return criteria.flatMap(({ id, requirement, parameters = {}, lookback }) =>
    placeholdersIn(requirement)
      .filter((name) => !Object.hasOwn(parameters, name) && !(name === 'lookback' && lookback !== undefined))
      .map((name) => ({
        code: 'PLACEHOLDER_UNKNOWN',
        path: `criteria.${id}.requirement`,
        message: `{${name}} is no parameter of the criterion`,
      })),
  );
}

function nameOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { id } = value as { id?: unknown };
  return typeof id === 'string' ? id : undefined;
}

const join = (path: string, name: string | number) => (path === '' ? String(name) : `${path}.${name}`);
