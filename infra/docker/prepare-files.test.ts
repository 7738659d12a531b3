import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { prepareFiles } from './prepare-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'prepared-'));
let made: string[];
beforeAll(async () => void (made = await prepareFiles(folder)));
afterAll(() => rmSync(folder, { recursive: true }));

function contents(): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(folder.length + 1), readFileSync(path, 'utf8')];
    }),
  );
}

test('a second start changes no password, key or certificate', async () => {
  expect(made).not.toEqual([]);
  const before = contents();
  expect(await prepareFiles(folder)).toEqual([]);
  expect(contents()).toEqual(before);
});

test('a missing certificate makes all of its authority be created again, and no others', async () => {
  const before = contents();
  rmSync(join(folder, 'home/callers/officer.pem'));
  expect(await prepareFiles(folder)).toHaveLength(1);
  const after = contents();
  const changed = Object.keys(before).filter((path) => before[path] !== after[path]);
  expect(changed.every((path) => path.startsWith('home/') || path.startsWith('prometheus/home/'))).toBe(true);
  expect(changed).toContain('home/aeo-registry/tls/ca.pem');
  expect(changed).not.toContain('home/aeo-registry/settings.env');
});

test('secrets are readable by their owner alone, but for the two that other users’ programs read', () => {
  const open = Object.keys(contents()).filter(
    (path) =>
      /settings\.env|key\.pem|proof\.pem|password/.test(path) &&
      (statSync(join(folder, path)).mode & 0o077) !== 0,
  );
  expect(open.sort()).toEqual([
    'postgres/password',
    ...['home', 'link', 'partner'].map((owner) => `prometheus/${owner}/prometheus.key.pem`),
  ]);
});
