import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { relinkInside } from './relink.ts';

let parent = '';
let folder = '';
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'relink-'));
  folder = join(parent, 'java');
  mkdirSync(join(folder, 'etc/java-17-openjdk/security'), { recursive: true });
  mkdirSync(join(folder, 'usr/lib/jvm/conf'), { recursive: true });
  writeFileSync(join(folder, 'etc/java-17-openjdk/jvm.cfg'), 'the unpacked one');
});
afterEach(() => rmSync(parent, { recursive: true }));

const link = (target: string, name: string) => symlinkSync(target, join(folder, name));

test('a link to unpacked settings points to them, also when the folder is moved', () => {
  link('/etc/java-17-openjdk/jvm.cfg', 'usr/lib/jvm/jvm.cfg');
  link('/etc/java-17-openjdk/security', 'usr/lib/jvm/conf/security');
  relinkInside(folder);
  const moved = join(parent, 'moved');
  renameSync(folder, moved);
  expect(readFileSync(join(moved, 'usr/lib/jvm/jvm.cfg'), 'utf8')).toBe('the unpacked one');
  expect(readlinkSync(join(moved, 'usr/lib/jvm/conf/security'))).toBe(
    '../../../../etc/java-17-openjdk/security',
  );
});

test('links to paths that were not unpacked, and relative links, stay unchanged', () => {
  link('/etc/ssl/certs/java/cacerts', 'usr/lib/jvm/cacerts');
  link('conf', 'usr/lib/jvm/settings');
  relinkInside(folder);
  expect(readlinkSync(join(folder, 'usr/lib/jvm/cacerts'))).toBe('/etc/ssl/certs/java/cacerts');
  expect(readlinkSync(join(folder, 'usr/lib/jvm/settings'))).toBe('conf');
});
