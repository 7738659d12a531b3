import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { brokenArchives, isComplete, recordContents } from './complete-download.ts';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'download-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** The smallest jar there is: an empty zip file. */
const emptyJar = Buffer.concat([Buffer.from([0x50, 0x4b, 0x05, 0x06]), Buffer.alloc(18)]);

test('a download is complete once its contents are recorded, until a file is shorter or missing', () => {
  writeFileSync(join(folder, 'a.jar'), emptyJar);
  expect(isComplete(folder)).toBe(false);
  recordContents(folder);
  expect(isComplete(folder)).toBe(true);
  truncateSync(join(folder, 'a.jar'), 10);
  expect(isComplete(folder)).toBe(false);
  rmSync(join(folder, 'a.jar'));
  expect(isComplete(folder)).toBe(false);
});

test('a truncated jar is found by its missing end', () => {
  writeFileSync(join(folder, 'whole.jar'), emptyJar);
  writeFileSync(join(folder, 'half.jar'), emptyJar.subarray(0, 3));
  expect(brokenArchives(folder)).toEqual(['half.jar']);
});
