import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

/** Written by the mutation tests from their last run; `tests/mutation/mutants.test.ts` checks that its files exist. */
const generated = ['docs/mutation-table.md'];

const listed = execFileSync('git', ['ls-files', '*.md'], { encoding: 'utf8' }).split('\n');
const files = listed.filter((file) => file !== '' && existsSync(file) && !generated.includes(file));

/** The relative links of a text that lead to no file. */
function brokenLinks(file: string, text: string): string[] {
  const prose = text.replaceAll(/```[^]*?```|`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
    const path = link.split('#')[0] ?? '';
    if (path === '' || /^[a-z]+:/.test(path)) return [];
    return existsSync(join(dirname(file), path)) ? [] : [`${file}: ${link}`];
  });
}

test('every relative link of a Markdown file leads to a file', () => {
  expect(files.length).toBeGreaterThan(20);
  expect(files.flatMap((file) => brokenLinks(file, readFileSync(file, 'utf8')))).toEqual([]);
});

test('the check finds a link that leads nowhere', () => {
  const text = '[a](tests/none.md#part) [b](README.md) [c](https://example.org/x) `[d](none.md)`';
  expect(brokenLinks('README.md', text)).toEqual(['README.md: tests/none.md#part']);
});
