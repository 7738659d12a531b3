import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { filesIn } from './carry.ts';
import { applyPatch } from './copy.ts';
import { patchOf } from './mutant.ts';
import { mutants } from './mutants.ts';

const root = process.cwd();
const howToCarry =
  'Patches of mutants no longer apply. Carry them over from a revision at which they did: ' +
  'npm run test:deep -- --carry-mutants REVISION';

test('every mutant has a patch, and every patch has a mutant', () => {
  const patches = readdirSync(join(root, 'tests/mutation/patches')).map((file) =>
    file.replace(/\.patch$/, ''),
  );
  expect(mutants.map(({ name }) => name).toSorted()).toEqual(patches.toSorted());
});

test('every patch applies to the tree', () => {
  const refused = mutants.flatMap((mutant) => {
    const patch = join(root, patchOf(mutant));
    const reason = applyPatch(root, patch, 'check');
    if (reason === undefined) return [];
    const moved = filesIn(readFileSync(patch, 'utf8')).filter((file) => !existsSync(join(root, file)));
    return [`${mutant.name}: ${[...moved.map((file) => `${file} was moved or removed`), reason].join('; ')}`];
  });
  expect(refused, howToCarry).toEqual([]);
});

test('every mutant names existing tests and the text of their assertions', () => {
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

/** Every string of a test file as a pattern, in which the placeholders of a table of tests match any text. */
function titlesIn(source: string): RegExp[] {
  return [...source.matchAll(/'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"/g)].map((found) => {
    const title = (found[1] ?? found[2] ?? '').replaceAll(/\\(.)/g, '$1');
    const literal = title.split(/%[sdijo]/).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
    return new RegExp(`^${literal.join('.*')}$`);
  });
}
