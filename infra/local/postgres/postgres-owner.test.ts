import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderPrefix, writeOwner, removeAbandoned } from './postgres-owner.ts';

test('only a folder whose recorded owner does not exist is removed', () => {
  const parent = mkdtempSync(join(tmpdir(), 'owners-'));
  const folder = (name: string, owner?: string) => {
    mkdirSync(join(parent, name, 'data'), { recursive: true });
    if (owner !== undefined) writeOwner(join(parent, name), owner);
  };
  folder(`${folderPrefix}gone`, join(parent, 'deleted/.local'));
  folder(`${folderPrefix}alive`, parent);
  folder(`${folderPrefix}unsaid`);
  folder(`${folderPrefix}empty`, '');
  folder(`${folderPrefix}relative`, 'somewhere');
  folder('other', join(parent, 'deleted'));
  writeFileSync(join(parent, `${folderPrefix}file`), '');
  removeAbandoned(parent);
  expect(readdirSync(parent).sort()).toEqual(
    ['alive', 'empty', 'file', 'relative', 'unsaid'].map((name) => `${folderPrefix}${name}`).concat('other'),
  );
  rmSync(parent, { recursive: true });
});
