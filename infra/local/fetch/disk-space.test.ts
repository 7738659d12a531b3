import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fullDisk, fullDiskInMessage } from './disk-space.ts';
import { failureText, placesOf } from '../../tasks/failure-text.ts';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'disk-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const megabyte = 1024 ** 2;

test('a disk with space is not reported', () => {
  expect(fullDisk([folder], () => ({ bytes: 32 * megabyte, files: true }))).toBeUndefined();
});

test('a full disk is reported with its folder, also one that does not exist yet', () => {
  const spaceOf = (asked: string) => ({
    bytes: asked === folder ? 5 * megabyte : 64 * megabyte,
    files: true,
  });
  expect(fullDisk(['/', join(folder, 'to/be/made')], spaceOf)).toMatch(
    `The disk that holds ${folder} is full (5 MB left). What takes the room: du -xh ${folder}`,
  );
});

test('a disk without free inodes is full', () => {
  expect(fullDisk([folder], () => ({ bytes: 64 * megabyte, files: false }))).toContain(
    'no room for another file',
  );
});

test('a disk that an error calls full is reported although it has space again', () => {
  const spaceOf = (asked: string) => ({ bytes: (asked === folder ? 40 : 400) * megabyte, files: true });
  const told = (message: string) => fullDiskInMessage(message, ['/', folder], spaceOf);
  expect(told('initdb ended with 1: could not write to file "base/5": No space left on device')).toMatch(
    `The disk that holds ${folder} is full (40 MB left). `,
  );
  expect(told('ENOSPC: no space left on device, write')).toBeDefined();
  expect(told('initdb ended with 1')).toBeUndefined();
});

test('an error about a full disk is explained and quoted', () => {
  expect(failureText(new Error('write failed: No space left on device'), places())).toMatch(
    /^The disk that holds .* is full .*\nIt showed in: write failed/,
  );
});

const places = () => ({ clone: folder, others: [] });

test('a folder that may not be written is reported with the command that starts in a copy', () => {
  const denied = Object.assign(new Error('EACCES: permission denied'), {
    code: 'EACCES',
    path: '/clone/.local',
  });
  expect(failureText(denied, places())).toBe(
    `/clone/.local cannot be written (EACCES). Start in a copy that is yours: mkdir ~/aeo-clearance && ` +
      `tar -C ${folder} --exclude=.local --exclude=node_modules -c . | tar -C ~/aeo-clearance -x && ` +
      `cd ~/aeo-clearance && npm start`,
  );
});

test('a package that a service cannot load is reported with the command that installs it again', () => {
  const told = failureText(new Error("home-risk did not start.\n code: 'ERR_MODULE_NOT_FOUND'"), places());
  expect(told).toMatch(
    /^The installed packages are damaged\. .*: rm -rf node_modules && npm start\nhome-risk/,
  );
});

test('other errors are reported unchanged', () => {
  expect(failureText(new Error('--rate takes a number'), places())).toBe('--rate takes a number');
});

test('every folder that a start writes to is checked', () => {
  const { clone, others } = placesOf('/clone');
  expect(clone).toBe('/clone');
  expect(others).toEqual(
    expect.arrayContaining(['/clone/.local/downloads', '/clone/.local/data', '/var/tmp']),
  );
});
