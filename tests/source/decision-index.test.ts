import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const folder = 'docs/decisions';
const decisions = readdirSync(folder)
  .filter((file) => /^\d{4}-.+\.md$/.test(file))
  .toSorted();

test('decisions are numbered without a gap', () => {
  const numbers = decisions.map((file) => Number(file.slice(0, 4)));
  expect(numbers).toEqual(decisions.map((_, index) => index + 1));
});

test('the index lists every decision by number, file and title', () => {
  const index = readFileSync(`${folder}/README.md`, 'utf8');
  const rows = [...index.matchAll(/^\| \[(\d{4})\]\(([^)]+)\) +\| (.+?) +\|/gm)];
  const listed = rows.map(([, number, file]) => [number, file]);
  expect(listed.toSorted(([one = ''], [other = '']) => one.localeCompare(other))).toEqual(
    decisions.map((file) => [file.slice(0, 4), file]),
  );
  expect(rows.filter(([, , , title]) => title === undefined || title.trim() === '')).toEqual([]);
});
