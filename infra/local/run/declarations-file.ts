import { readFileSync } from 'node:fs';
import { parse, type Info } from 'csv-parse/sync';
import { columns, readRow, type DeclarationRow, type RowDefect } from './declaration-row.ts';

/** The good rows of a file in stable date order, and every bad one by its line. */
export type DeclarationsFile = { rows: DeclarationRow[]; refused: RowDefect[] };

/** Stops a run before anything starts: the file as a whole cannot be used. */
export class UnusableFile extends Error {}

const bytesMax = 512 * 1024 * 1024;

/**
 * Reads a CSV file of declarations (UTF-8, header line, comma). Bad rows are listed and left out; of rows
 * with the same declaration id the first is kept.
 *
 * @throws UnusableFile for a missing file, an encoding other than UTF-8, a missing column or no rows
 */
export function readDeclarationsFile(path: string): DeclarationsFile {
  const parsed = parseText(path, readText(path));
  requireColumns(path, parsed);
  const records = parsed.slice(1);
  if (records.length === 0) throw new UnusableFile(`${path}: line 1: the file has a header and no rows`);
  const header = parsed[0]?.record ?? [];
  const seen = new Map<string, number>();
  const file: DeclarationsFile = { rows: [], refused: [] };
  for (const { record, line } of records) {
    const result = readRow(header, record, line);
    if ('reason' in result) file.refused.push(result);
    else if (seen.has(result.declarationId)) file.refused.push(duplicate(result, seen));
    else {
      seen.set(result.declarationId, line);
      file.rows.push(result);
    }
  }
  if (file.rows.length === 0)
    throw new UnusableFile(`${path}: not one of ${records.length} rows can be used`);
  file.rows.sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0));
  return file;
}

function duplicate(row: DeclarationRow, seen: Map<string, number>): RowDefect {
  const first = seen.get(row.declarationId) ?? 0;
  return { line: row.line, column: 'Declaration ID', reason: `already used on line ${first}, which is kept` };
}

function readText(path: string): string {
  try {
    const bytes = readFileSync(path);
    if (bytes.length > bytesMax) throw new UnusableFile(`${path}: larger than ${bytesMax} bytes`);
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\u0000')) return text;
  } catch (error) {
    if (error instanceof UnusableFile) throw error;
    if (!(error instanceof TypeError)) throw new UnusableFile(`${path}: ${(error as Error).message}`);
  }
  throw new UnusableFile(`${path}: unknown encoding: save the file as UTF-8`);
}

type NumberedRecord = { record: string[]; line: number };

function parseText(path: string, text: string): NumberedRecord[] {
  try {
    const rows = parse(text, {
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
    }) as unknown as { record: string[]; info: Info }[];
    return rows.map(({ record, info }) => ({ record, line: info.lines }));
  } catch (error) {
    throw new UnusableFile(`${path}: ${(error as Error).message}`);
  }
}

function requireColumns(path: string, parsed: NumberedRecord[]): void {
  const header = parsed[0]?.record;
  if (header === undefined) throw new UnusableFile(`${path}: line 1: the file is empty`);
  const missing = columns.filter((column) => !header.includes(column));
  if (missing.length > 0) {
    throw new UnusableFile(
      `${path}: line 1: missing column${missing.length > 1 ? 's' : ''}: ${missing.join(', ')}`,
    );
  }
}
