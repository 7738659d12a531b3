import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { applyPatch } from './copy.ts';
import { patchOf } from './mechanism.ts';
import { mechanisms } from './mechanisms.ts';

const root = process.cwd();

test('each mechanism has a patch, and each patch a mechanism', () => {
  const patches = readdirSync(join(root, 'tests/mutation/patches')).map((file) =>
    file.replace(/\.patch$/, ''),
  );
  expect(mechanisms.map(({ name }) => name).toSorted()).toEqual(patches.toSorted());
});

test('each patch applies to the tree as it is', () => {
  const refused = mechanisms.flatMap((mechanism) => {
    const reason = applyPatch(root, join(root, patchOf(mechanism)), 'check');
    return reason === undefined ? [] : [`${mechanism.name}: ${reason}`];
  });
  expect(refused).toEqual([]);
});

test('each names tests that are there, and what their assertions say', () => {
  const missing = mechanisms.flatMap(({ name, caughtBy }) =>
    caughtBy.flatMap(({ file, test: titles, says }) => {
      const known = titlesIn(readFileSync(join(root, file), 'utf8'));
      const absent = titles.split(' > ').filter((title) => !known.some((each) => each.test(title)));
      return [...absent, ...(says === '' ? ['what it says'] : [])].map((what) => `${name}: ${what}`);
    }),
  );
  expect(missing).toEqual([]);
  expect(mechanisms.filter(({ caughtBy }) => caughtBy.length === 0)).toEqual([]);
});

/** Every text of a test file, as a pattern in which the places of a table's values stand for anything. */
function titlesIn(source: string): RegExp[] {
  return [...source.matchAll(/'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"/g)].map((found) => {
    const title = (found[1] ?? found[2] ?? '').replaceAll(/\\(.)/g, '$1');
    const literal = title.split(/%[sdijo]/).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
    return new RegExp(`^${literal.join('.*')}$`);
  });
}
