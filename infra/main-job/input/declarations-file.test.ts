import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readDeclarationsFile } from './declarations-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'declarations-'));
afterAll(() => rmSync(folder, { recursive: true }));

const sample = readFileSync('infra/data/2021-q1.csv', 'utf8').split('\n').slice(0, 6);
const [header = '', first = '', second = '', third = '', fourth = '', fifth = ''] = sample;

function file(lines: string[]): string {
  const path = join(folder, 'declarations.csv');
  writeFileSync(path, lines.join('\n'));
  return path;
}

function withCell(line: string, column: string, value: string): string {
  const cells = line.split(',');
  cells[header.split(',').indexOf(column)] = value;
  return cells.join(',');
}

test('every bad row is named by line, column and reason and the good ones go on', () => {
  const path = file([
    header,
    first,
    second.split(',').slice(0, 10).join(','),
    withCell(third, 'Date', '2021-02-30'),
    withCell(fourth, 'Net Mass', '-1'),
    first,
    fifth,
  ]);
  const { rows, refused } = readDeclarationsFile(path);
  expect(rows.map((row) => row.line)).toEqual([2, 7]);
  expect(refused).toEqual([
    { line: 3, column: 'Seller ID', reason: '10 fields where the header has 22' },
    { line: 4, column: 'Date', reason: '"2021-02-30" is not a day of the calendar from 1990 to 2100' },
    { line: 5, column: 'Net Mass', reason: '-1 is negative' },
    { line: 6, column: 'Declaration ID', reason: 'already used on line 2, which is kept' },
  ]);
});

test('a stray quote and one that is never closed spoil their own row only', () => {
  const stray = withCell(second, 'Office ID', 'A"B');
  const open = withCell(third, 'Office ID', '"40');
  expect(readDeclarationsFile(file([header, first, stray, fourth]))).toMatchObject({
    rows: [{ line: 2 }, { line: 4 }],
    refused: [{ line: 3, column: 'Office ID' }],
  });
  expect(readDeclarationsFile(file([header, first, open, fourth]))).toMatchObject({
    rows: [{ line: 2 }, { line: 4 }],
    refused: [{ line: 3, column: 'row', reason: 'a quote is opened and not closed' }],
  });
});

test('lines are counted alike whatever ends them, and a field over two lines is named by its first', () => {
  const twoLines = withCell(second, 'Office ID', '"4\n0"');
  const mixed = `${header}\n${first}\r\n${twoLines}\r\n${third}\n`;
  expect(readDeclarationsFile(file([mixed]))).toMatchObject({
    rows: [{ line: 2 }, { line: 5 }],
    refused: [{ line: 3, column: 'Office ID' }],
  });
});

test('property names of objects are not outcomes, and a critical row has a finding', () => {
  const { rows, refused } = readDeclarationsFile(
    file([
      header,
      first,
      withCell(second, 'Fraud', 'constructor'),
      withCell(withCell(third, 'Fraud', '0'), 'Critical Fraud', '2'),
    ]),
  );
  expect(rows.map(({ line }) => line)).toEqual([2]);
  expect(refused.map(({ line, column }) => [line, column])).toEqual([
    [3, 'Fraud'],
    [4, 'Critical Fraud'],
  ]);
});

test('a file without one usable row is refused with the reason', () => {
  const path = file([header, withCell(first, 'Net Mass', '-1')]);
  expect(() => readDeclarationsFile(path)).toThrow(/line 2, Net Mass: -1 is negative[^]*not one of its rows/);
});

test('rows come in date order, those of a day in the order of the file', () => {
  const { rows } = readDeclarationsFile(file([header, withCell(first, 'Date', '2021-03-01'), second, third]));
  expect(rows.map((row) => row.line)).toEqual([3, 4, 2]);
});

test('a missing column, an unknown encoding, no rows and an absent file stop the run', () => {
  const cut = header.replace('Net Mass,', '');
  expect(() => readDeclarationsFile(file([cut, first]))).toThrow(/line 1: missing column: Net Mass/);
  expect(() => readDeclarationsFile(file([header]))).toThrow(/a header and no rows/);
  expect(() => readDeclarationsFile(join(folder, 'absent.csv'))).toThrow(/no such file/);
  const path = join(folder, 'encoded.csv');
  writeFileSync(path, Buffer.from(`\ufeff${header}\n${first}`, 'utf16le'));
  expect(() => readDeclarationsFile(path)).toThrow(/unknown encoding/);
});

test('the two files that come with the project are whole', () => {
  expect(readDeclarationsFile('infra/data/2020.csv')).toMatchObject({
    rows: { length: 37_385 },
    refused: [],
  });
  expect(readDeclarationsFile('infra/data/2021-q1.csv')).toMatchObject({
    rows: { length: 8_134 },
    refused: [],
  });
});
