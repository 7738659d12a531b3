import { loadProgrammes, type Programmes } from '../certification/generated-facts.ts';
import { defectLines, readDeclarationsFile, type DeclarationsFile } from './declarations-file.ts';
import type { RunOptions } from './options.ts';

export type Inputs = {
  history: DeclarationsFile;
  declarations: DeclarationsFile;
  /** Under which firms are certified. */
  programmes: Programmes;
};

/**
 * Reads the files that the options name.
 *
 * @param log receives a line for each row that is left out, and a total for each file
 * @throws UnusableFile for a file that cannot be used as a whole
 */
export function readInputs(
  options: Pick<RunOptions, 'history' | 'declarations' | 'limit' | 'programmes'>,
  log: (line: string) => void = () => undefined,
): Inputs {
  const programmes = loadProgrammes(options.programmes);
  const history = readFile(options.history, log);
  const declarations = readFile(options.declarations, log);
  if (options.limit !== undefined) declarations.rows.splice(options.limit);
  return { history, declarations, programmes };
}

function readFile(path: string, log: (line: string) => void): DeclarationsFile {
  const file = readDeclarationsFile(path);
  for (const line of defectLines(path, file)) log(line);
  if (file.refused.length > 0) log(`${path}: ${file.refused.length} rows left out`);
  return file;
}
