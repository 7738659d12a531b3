import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { clone, runOrThrow, startMachine, stopMachine, user, type Machine } from './machine.ts';

/** The Debian release of the machines. */
const release = 'bookworm';
/** An id that no user of the host is likely to have. */
const userId = '61234';

/** What the host lacks to create machines, in one sentence; undefined where it lacks nothing. */
export function missingPrerequisite(): string | undefined {
  if (process.getuid?.() !== 0) return 'bare machines can be created by root only (chroot, mount)';
  const absent = ['debootstrap', 'unshare', 'findmnt', 'chroot', 'ip'].filter(
    (program) => spawnSync('which', [program]).status !== 0,
  );
  if (absent.length > 0)
    return `these programs are not here: ${absent.join(', ')} (apt-get install -y debootstrap iproute2)`;
  return undefined;
}

/** A minimal Debian with the host's Node and npm; created once. */
export function bareImage(folder: string): string {
  const image = join(folder, release);
  if (existsSync(image)) return image;
  const unfinished = `${image}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  runOrThrow('debootstrap', '--variant=minbase', '--include=ca-certificates', release, unfinished);
  const inside = (path: string) => join(unfinished, path);
  for (const path of ['/etc/resolv.conf', '/etc/hosts', '/etc/ssl/certs/ca-certificates.crt', '/etc/apt'])
    cpSync(path, inside(path), { recursive: true, force: true, dereference: true });
  if (existsSync('/etc/apt/sources.list.d/debian.sources'))
    writeFileSync(inside('/etc/apt/sources.list'), '');
  cpSync('/usr/share/keyrings', inside('/usr/share/keyrings'), { recursive: true, dereference: true });
  addNode(unfinished);
  runOrThrow('chroot', unfinished, 'useradd', '--uid', userId, '--create-home', user);
  runOrThrow('chroot', unfinished, 'apt-get', '-qq', 'update');
  renameSync(unfinished, image);
  return image;
}

function addNode(root: string): void {
  const npm = dirname(dirname(runOrThrow('readlink', '-f', runOrThrow('which', 'npm').trim()).trim()));
  const npmInside = join(root, 'usr/lib/node_modules/npm');
  cpSync(runOrThrow('readlink', '-f', runOrThrow('which', 'node').trim()).trim(), join(root, 'usr/bin/node'));
  cpSync(npm, npmInside, { recursive: true });
  for (const name of ['npm', 'npx'])
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(root, 'usr/bin', name));
}

/** Copies the project into a machine; installed and fetched files there stay. */
export function copyProject(machine: Machine): void {
  const target = machine.path(clone);
  mkdirSync(target, { recursive: true });
  const listed = runOrThrow('git', 'ls-files', '--cached', '--others', '--exclude-standard', '-z');
  for (const path of listed.split('\0').filter((each) => each !== '' && existsSync(each)))
    cpSync(path, join(target, path), { recursive: true });
  runOrThrow('chroot', machine.path('/'), 'chown', '-R', `${user}:${user}`, clone);
}

/** The files that determine the installation and the downloads; when one changes, both are created again. */
const warmLayerSources = [
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  'package.json',
  'infra/local/kafka/pom.xml',
];

/**
 * A layer with everything that a start on a bare machine installs and fetches; created again only when its sources
 * change.
 *
 * @throws Error when that start fails
 */
export async function warmLayer(folder: string): Promise<string> {
  const place = join(folder, 'warm');
  const layer = join(place, 'changes');
  const marker = join(place, 'complete');
  const wanted = warmLayerSources
    .reduce((hash, file) => hash.update(readFileSync(file)), createHash('sha256'))
    .digest('hex');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return layer;
  const machine = startMachine(place, [bareImage(folder)]);
  try {
    copyProject(machine);
    const { code, output } = await machine.run('npm start', { until: /^history/m });
    if (code !== 130) throw new Error(`A bare machine does not start (${code}):\n${output}`);
  } finally {
    stopMachine(machine.path('/'));
  }
  writeFileSync(marker, wanted);
  return layer;
}
