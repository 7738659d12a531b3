import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { requireRunnablePrograms } from './postgres-home.ts';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'programs-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function programs(scripts: Record<string, string>): string {
  mkdirSync(join(folder, 'bin'));
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, 'bin', name), 0o755);
  }
  return folder;
}

const whole = 'test "$1" = -V && echo "(PostgreSQL) 18"';
const crash = 'kill -SEGV $$';

test('programs that run are accepted', () => {
  requireRunnablePrograms({ programs: programs({ initdb: whole, postgres: whole }), user: undefined });
});

test('a program that crashes is reported with the command that installs it again', () => {
  const damaged = programs({ initdb: whole, postgres: crash });
  expect(() => requireRunnablePrograms({ programs: damaged, user: undefined })).toThrow(
    /^The installed packages are damaged\. Install them again: rm -rf node_modules && npm start\n.*bin\/postgres/,
  );
});

test('for root the command removes the copies of the programs as well', () => {
  const damaged = programs({ initdb: crash, postgres: whole });
  expect(() => requireRunnablePrograms({ programs: damaged, user: { uid: 1, gid: 1 } })).toThrow(
    `rm -rf node_modules ${damaged} && npm start`,
  );
});
