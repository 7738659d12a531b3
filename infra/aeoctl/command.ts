import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { asLine, readProgrammeFile } from '@aeo/programmes/files';
import { type ProgrammeDefinition } from '@aeo/programmes';

export type Answer = { text: string; json: unknown; code: number };

export type Command = (args: readonly string[]) => Answer | Promise<Answer>;

/** A problem that the user has to correct, in one or more sentences, and the exit code. */
export class CommandError extends Error {
  readonly code: number;
  constructor(message: string, code = 1) {
    super(message);
    this.code = code;
  }
}

type Flags = Record<string, string | undefined>;

/**
 * The files and the options of a command line.
 *
 * @param names options that take a value
 * @throws CommandError where there is another option, or there are not as many files
 */
export function readArguments(
  args: readonly string[],
  names: readonly string[],
  files: Wanted,
): { files: string[]; flags: Flags } {
  const valued = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { ...valued, json: { type: 'boolean' } },
      allowPositionals: true,
    });
    if (positionals.length < files.least || positionals.length > files.most)
      throw new Error(`This takes ${wanted(files)}, not ${positionals.length}.`);
    return { files: positionals, flags: values as Flags };
  } catch (error) {
    throw new CommandError((error as Error).message, 2);
  }
}

/** How many names the command line has, and of what, where it is not files. */
type Wanted = { least: number; most: number; what?: string };

function wanted({ least, most, what = 'file' }: Wanted): string {
  if (least === most) return `${least} ${what}${least === 1 ? '' : 's'}`;
  return `${least} to ${most} ${what}s`;
}

/** @throws CommandError naming what is wrong with the file */
export function usableProgramme(path: string): ProgrammeDefinition {
  const { definition, problems } = reading(path, () => readProgrammeFile(path));
  if (definition === undefined || problems.length > 0)
    throw new CommandError([`${path} cannot be used:`, ...problems.map(asLine)].join('\n'));
  return definition;
}

/** @throws CommandError where there is no such file, or it is no JSON */
export function readJson(path: string): unknown {
  return reading(path, () => JSON.parse(readFileSync(path, 'utf8')) as unknown);
}

export function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`${path} cannot be read: ${(error as Error).message}`);
  }
}

/** The language asked for, where the programme is written in it. @throws CommandError */
export function languageOf({ languages }: ProgrammeDefinition, asked: string | undefined): string {
  const language = asked ?? 'en';
  if (!languages.includes(language))
    throw new CommandError(`The programme is not written in ${language}, but in ${languages.join(', ')}.`, 2);
  return language;
}
