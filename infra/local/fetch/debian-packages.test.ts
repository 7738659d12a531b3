import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dependenciesIn, installedBy, unpackDebianPackages } from './debian-packages.ts';
import type { StackSite } from '../stack-types.ts';

const program = { name: 'redis', title: 'Redis', installed: 'redis-server' };
const path = process.env['PATH'];

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'debian-'));
  mkdirSync(join(folder, 'bin'));
});
afterEach(() => {
  process.env['PATH'] = path;
  rmSync(folder, { recursive: true });
});

function site(): StackSite {
  const below = (name: string) => join(folder, name);
  const folders = {
    downloads: below('downloads'),
    data: below('data'),
    logs: below('logs'),
    run: below('run'),
  };
  return {
    folders: { ...folders, fresh: true },
    log: () => undefined,
    shutdown: new AbortController().signal,
  };
}

/** Only these programs are on the PATH, besides those of the shell that runs them. */
function machine(programs: Record<string, string>): void {
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
    chmodSync(join(folder, 'bin', name), 0o755);
  }
  process.env['PATH'] = join(folder, 'bin');
}

const lines = (file: string) => join(folder, file);
const aptGet = () => `echo "$@" >> ${lines('asked')}
  case "$*" in
    *download*) echo package > redis-tools.deb;;
    *install*) echo "Inst redis-tools (5:7.0 Debian [amd64])"; echo "Conf redis-tools (5:7.0)";;
  esac`;
const dpkgDeb = 'mkdir -p usr/bin && echo program > usr/bin/redis-server';

test('the error on a machine without apt-get names the command that installs the program', async () => {
  machine({});
  await expect(unpackDebianPackages(site(), program)).rejects.toThrow(
    'Redis is not on this machine, nor is apt-get to fetch it. ' +
      'Install it as root: apt-get update && apt-get install -y redis-server',
  );
});

test('the error for packages that cannot be fetched names the command that installs them, and the reason', async () => {
  machine({ 'apt-get': 'echo Temporary failure resolving; exit 100' });
  await expect(unpackDebianPackages(site(), program)).rejects.toThrow(
    /^Redis is not on this machine and cannot be fetched\. .*: apt-get update && apt-get install -y redis-server\n.*Temporary failure/s,
  );
});

test('empty package lists are replaced by lists of our own', async () => {
  const script = `case "$*" in *Dir::State*) ${aptGet()};; *) exit 100;; esac`;
  machine({ 'apt-get': script, 'apt-cache': '', 'dpkg-deb': dpkgDeb });
  const unpacked = await unpackDebianPackages(site(), program);
  expect(existsSync(join(unpacked, 'usr/bin/redis-server'))).toBe(true);
});

/** Like apt-get: the lists are locked while they are fetched. */
const lockedUpdate = (update: string) => `case "$*" in
    *update*) mkdir ${lines('lock')} || { echo Could not get lock; exit 100; }
      sleep 0.3; ${update}; rmdir ${lines('lock')}; exit $code;;
    *Dir::State*) ${aptGet()};;
    *) exit 100;;
  esac`;
const another = { name: 'java', title: 'Java', installed: 'default-jre-headless' };

test('programs that are fetched at the same time fetch the lists once', async () => {
  const update = `echo update >> ${lines('updates')}; code=0`;
  machine({ 'apt-get': lockedUpdate(update), 'apt-cache': '', 'dpkg-deb': dpkgDeb });
  const shared = site();
  await Promise.all([program, another].map((each) => unpackDebianPackages(shared, each)));
  expect(readFileSync(lines('updates'), 'utf8')).toBe('update\n');
});

test('lists that cannot be fetched fail each program that needs them', async () => {
  machine({ 'apt-get': lockedUpdate('echo Temporary failure resolving; code=100'), 'apt-cache': '' });
  const shared = site();
  const all = await Promise.allSettled([program, another].map((each) => unpackDebianPackages(shared, each)));
  expect(all).toMatchObject([
    {
      reason: { message: expect.stringMatching(/^Redis .*install -y redis-server\n.*Temporary/s) as string },
    },
    { reason: { message: expect.stringMatching(/^Java .*-y default-jre-headless\n.*Temporary/s) as string } },
  ]);
});

test('a damaged download is fetched again, a complete one is not', async () => {
  machine({ 'apt-get': aptGet(), 'apt-cache': '', 'dpkg-deb': dpkgDeb });
  const unpacked = await unpackDebianPackages(site(), program);
  rmSync(lines('asked'));
  await unpackDebianPackages(site(), program);
  expect(existsSync(lines('asked'))).toBe(false);
  truncateSync(join(unpacked, 'usr/bin/redis-server'), 3);
  await unpackDebianPackages(site(), program);
  expect(existsSync(lines('asked'))).toBe(true);
});

test('a truncated package leaves no download that counts as complete', async () => {
  const half = 'mkdir -p usr/bin && echo pro > usr/bin/redis-server; echo unexpected end of file; exit 2';
  machine({ 'apt-get': aptGet(), 'apt-cache': '', 'dpkg-deb': half });
  await expect(unpackDebianPackages(site(), program)).rejects.toThrow(/cannot be fetched.*unexpected end/s);
  machine({ 'dpkg-deb': dpkgDeb });
  rmSync(lines('asked'));
  await unpackDebianPackages(site(), program);
  expect(existsSync(lines('asked'))).toBe(true);
});

test('the output of apt is read as the packages to install and the dependencies without alternatives', () => {
  expect(installedBy('NOTE: simulation\nInst a-b (1)\nInst c [0] (2)\nConf a-b (1)\n')).toEqual(['a-b', 'c']);
  expect(
    dependenciesIn('redis-server\n  Depends: redis-tools\n |Depends: x\n  Depends: <y>\n  Suggests: z'),
  ).toEqual(['redis-tools']);
});
