import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  comparisonsIn,
  compilePredicate,
  factsNamedIn,
  namedIn,
  problemsOf,
  readsVariable,
  type Predicate,
} from '@aeo/platform/predicate';
import type { z } from 'zod';
import { checkProgramme } from '../domain/check/check-programme.ts';
import type { Evaluate } from '../domain/deciding/firm-case.ts';
import type { Problem, Readers } from '../domain/check/problem.ts';
import { programmesOf, type Programmes } from '../domain/definition/programmes.ts';
import type { ProgrammeDefinition } from '../domain/definition/programme.ts';
import { asDefinition, programmeSchema } from './programme-schema.ts';
import { isKnownCalendar } from './working-days.ts';

const readers: Readers = {
  predicates: { problemsOf, factsNamedIn, namedIn, readsVariable, comparisonsIn },
  layoutOf: layoutProblems,
  knowsCalendar: isKnownCalendar,
};

/** Where the programme files of this project are. */
export const programmesFolder = fileURLToPath(new URL('../../files', import.meta.url));

/**
 * Loads every programme of a folder.
 *
 * @throws Error naming each file that cannot be used, with the paths in it
 */
export function loadProgrammes(folder: string): Programmes {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  const read = files.map((file) => ({ file, ...readProgrammeFile(join(folder, file)) }));
  const broken = read.filter(({ problems }) => problems.length > 0);
  if (broken.length > 0)
    throw new Error(
      broken.map(({ file, problems }) => `${file}:\n${problems.map(asLine).join('\n')}`).join('\n'),
    );
  return programmesOf(read.flatMap(({ definition }) => (definition === undefined ? [] : [definition])));
}

export type ReadProgramme = { definition: ProgrammeDefinition | undefined; problems: Problem[] };

/** Reads and checks one file; with problems there may be no definition. @throws Error where there is no such file */
export function readProgrammeFile(path: string): ReadProgramme {
  const parsed = parseJson(readFileSync(path), basename(path));
  if (parsed.problem !== undefined) return { definition: undefined, problems: [parsed.problem] };
  const result = programmeSchema.safeParse(parsed.value);
  if (!result.success) return { definition: undefined, problems: problemsIn(result.error, parsed.value) };
  const definition = asDefinition(result.data);
  return { definition, problems: checkProgramme(definition, readers) };
}

function layoutProblems(definition: ProgrammeDefinition): Problem[] {
  const { error } = programmeSchema.safeParse(definition);
  return error === undefined ? [] : problemsIn(error, definition);
}

function problemsIn({ issues }: z.ZodError, value: unknown): Problem[] {
  return issues.map((issue) => asProblem(issue, value));
}

export function asLine({ code, path, message }: Problem): string {
  return `  ${path || '(the file)'}: ${message} [${code}]`;
}

/** A mark of the order of bytes at the beginning, which some editors write, is no part of the text. */
function parseJson(bytes: Uint8Array, file: string): { value: unknown; problem?: Problem } {
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown };
  } catch (error) {
    const isText = !(error instanceof TypeError);
    const message = isText
      ? `${file} is no JSON: ${(error as Error).message}`
      : `${file} is not written in UTF-8`;
    return { value: undefined, problem: { code: 'SCHEMA', path: '', message } };
  }
}

/** Members of lists go by their ids, where they have one. */
function asProblem({ path, message }: z.core.$ZodIssue, value: unknown): Problem {
  let at = value;
  const names = path.map((segment) => {
    at = (at as Record<PropertyKey, unknown> | undefined)?.[segment];
    const id = typeof at === 'object' && at !== null ? (at as { id?: unknown }).id : undefined;
    return typeof segment === 'number' && typeof id === 'string' ? id : String(segment);
  });
  return { code: 'SCHEMA', path: names.join('.'), message };
}

const compiled = new Map<string, Predicate>();

/** Rules of checked programmes; each is compiled once. */
export const evaluate: Evaluate = (expression, circumstances) => {
  const predicate = compiled.get(expression) ?? compilePredicate(expression);
  compiled.set(expression, predicate);
  return predicate(circumstances);
};
