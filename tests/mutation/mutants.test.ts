import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { applyPatch } from './copy.ts';
import { patchOf } from './mutant.ts';
import { mutants } from './mutants.ts';

const root = process.cwd();

test('each mutant has a patch, and each patch a mutant', () => {
  const patches = readdirSync(join(root, 'tests/mutation/patches')).map((file) =>
    file.replace(/\.patch$/, ''),
  );
  expect(mutants.map(({ name }) => name).toSorted()).toEqual(patches.toSorted());
});

test('each patch applies to the tree as it is', () => {
  const refused = mutants.flatMap((mutant) => {
    const reason = applyPatch(root, join(root, patchOf(mutant)), 'check');
    return reason === undefined ? [] : [`${mutant.name}: ${reason}`];
  });
  expect(refused).toEqual([]);
});

test('each names tests that are there, and what their assertions say', () => {
  const missing = mutants.flatMap(({ name, killedBy }) =>
    killedBy.flatMap(({ file, test: titles, assertion }) => {
      const known = titlesIn(readFileSync(join(root, file), 'utf8'));
      const absent = titles.split(' > ').filter((title) => !known.some((each) => each.test(title)));
      return [...absent, ...(assertion === '' ? ['its assertion'] : [])].map((what) => `${name}: ${what}`);
    }),
  );
  expect(missing).toEqual([]);
  expect(mutants.filter(({ killedBy }) => killedBy.length === 0)).toEqual([]);
});

/** Every text of a test file, as a pattern in which the places of a table's values stand for anything. */
function titlesIn(source: string): RegExp[] {
  return [...source.matchAll(/'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"/g)].map((found) => {
    const title = (found[1] ?? found[2] ?? '').replaceAll(/\\(.)/g, '$1');
    const literal = title.split(/%[sdijo]/).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
    return new RegExp(`^${literal.join('.*')}$`);
  });
}
