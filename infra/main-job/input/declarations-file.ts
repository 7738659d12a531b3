import { readFileSync } from 'node:fs';
import { parse, type Info } from 'csv-parse/sync';
import { columns, readRow, type DeclarationRow, type RowDefect } from './declaration-row.ts';

/** The good rows of a file in stable date order, and every bad one by its line. */
export type DeclarationsFile = { rows: DeclarationRow[]; refused: RowDefect[] };

/** Stops a run before anything starts: the file as a whole cannot be used. */
class UnusableFile extends Error {}

const bytesMax = 512 * 1024 * 1024;

/**
 * Reads a CSV file of declarations (UTF-8, header line, comma). Bad rows are listed and left out; of rows
 * with the same declaration id the first is kept.
 *
 * @throws UnusableFile for a missing file, an encoding other than UTF-8, a missing column or no rows
 */
export function readDeclarationsFile(path: string): DeclarationsFile {
  const { records: parsed, broken } = parseText(readText(path));
  requireColumns(path, parsed);
  const records = parsed.slice(1);
  if (records.length + broken.length === 0)
    throw new UnusableFile(`${path}: line 1: the file has a header and no rows`);
  const header = parsed[0]?.record ?? [];
  const seen = new Map<string, number>();
  const file: DeclarationsFile = { rows: [], refused: broken };
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
    throw new UnusableFile(
      [...defectLines(path, file), `${path}: not one of its rows can be used`].join('\n'),
    );
  file.refused.sort((a, b) => a.line - b.line);
  file.rows.sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0));
  return file;
}

const listedMax = 20;

/** The first defects of a file, a line each. */
export function defectLines(path: string, { refused }: DeclarationsFile): string[] {
  return refused
    .slice(0, listedMax)
    .map(({ line, column, reason }) => `${path}: line ${line}, ${column}: ${reason}`);
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

type Parsed = { records: NumberedRecord[]; broken: RowDefect[] };

/** The file in one go; where a quote that is never closed would swallow what follows, line by line. */
function parseText(text: string): Parsed {
  const lines = text.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n');
  try {
    return { records: recordsOf(lines), broken: [] };
  } catch {
    return parseLines(lines.split('\n'));
  }
}

function recordsOf(text: string): NumberedRecord[] {
  const rows = parse(text, {
    info: true,
    record_delimiter: '\n',
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
  }) as unknown as { record: string[]; info: Info }[];
  // A quoted field may span lines; the record is named by the line on which it begins.
  return rows.map(({ record, info }) => ({
    record,
    line: info.lines - record.join('').split('\n').length + 1,
  }));
}

function parseLines(lines: string[]): Parsed {
  const parsed: Parsed = { records: [], broken: [] };
  for (const [index, text] of lines.entries()) {
    try {
      parsed.records.push(...recordsOf(text).map(({ record }) => ({ record, line: index + 1 })));
    } catch {
      parsed.broken.push({ line: index + 1, column: 'row', reason: 'a quote is opened and not closed' });
    }
  }
  return parsed;
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
