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
import { clone, must, startMachine, stopMachine, user, type Machine } from './machine.ts';

/** The release that machines are made of; Debian's tools and a root user make them. */
const release = 'bookworm';
/** An id that no user of the machine outside is likely to have. */
const userId = '61234';

/**
 * What this machine lacks to make others, in one sentence; undefined where it lacks nothing.
 */
export function whatIsMissing(): string | undefined {
  if (process.getuid?.() !== 0) return 'bare machines are made by root alone (chroot, mount)';
  const absent = ['debootstrap', 'unshare', 'findmnt', 'chroot', 'ip'].filter(
    (program) => spawnSync('which', [program]).status !== 0,
  );
  if (absent.length > 0)
    return `these programs are not here: ${absent.join(', ')} (apt-get install -y debootstrap iproute2)`;
  return undefined;
}

/** A Debian of the smallest kind with this machine's Node and npm; made once. */
export function bareImage(folder: string): string {
  const image = join(folder, release);
  if (existsSync(image)) return image;
  const unfinished = `${image}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  must('debootstrap', '--variant=minbase', '--include=ca-certificates', release, unfinished);
  const inside = (path: string) => join(unfinished, path);
  for (const path of ['/etc/resolv.conf', '/etc/hosts', '/etc/ssl/certs/ca-certificates.crt', '/etc/apt'])
    cpSync(path, inside(path), { recursive: true, force: true, dereference: true });
  if (existsSync('/etc/apt/sources.list.d/debian.sources'))
    writeFileSync(inside('/etc/apt/sources.list'), '');
  cpSync('/usr/share/keyrings', inside('/usr/share/keyrings'), { recursive: true, dereference: true });
  addNode(unfinished);
  must('chroot', unfinished, 'useradd', '--uid', userId, '--create-home', user);
  must('chroot', unfinished, 'apt-get', '-qq', 'update');
  renameSync(unfinished, image);
  return image;
}

function addNode(root: string): void {
  const npm = dirname(dirname(must('readlink', '-f', must('which', 'npm').trim()).trim()));
  const npmInside = join(root, 'usr/lib/node_modules/npm');
  cpSync(must('readlink', '-f', must('which', 'node').trim()).trim(), join(root, 'usr/bin/node'));
  cpSync(npm, npmInside, { recursive: true });
  for (const name of ['npm', 'npx'])
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(root, 'usr/bin', name));
}

/** Puts the project, as it stands here, into a machine; what is installed and fetched there stays. */
export function bringProject(machine: Machine): void {
  const target = machine.path(clone);
  mkdirSync(target, { recursive: true });
  const listed = must('git', 'ls-files', '--cached', '--others', '--exclude-standard', '-z');
  for (const path of listed.split('\0').filter((each) => each !== '' && existsSync(each)))
    cpSync(path, join(target, path), { recursive: true });
  must('chroot', machine.path('/'), 'chown', '-R', `${user}:${user}`, clone);
}

/** What an installation and the downloads are made from; where one of these changes, both are made again. */
const madeFrom = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', 'infra/local/kafka/pom.xml'];

/**
 * What a start on a bare machine installs and fetches, as a layer for machines that have it already; made once for what
 * is installed and fetched.
 *
 * @throws Error when that start fails
 */
export async function warmLayer(folder: string): Promise<string> {
  const place = join(folder, 'warm');
  const layer = join(place, 'changes');
  const note = join(place, 'complete');
  const wanted = madeFrom
    .reduce((hash, file) => hash.update(readFileSync(file)), createHash('sha256'))
    .digest('hex');
  if (existsSync(note) && readFileSync(note, 'utf8') === wanted) return layer;
  const machine = startMachine(place, [bareImage(folder)]);
  try {
    bringProject(machine);
    const { code, output } = await machine.run('npm start', { until: /^history/m });
    if (code !== 130) throw new Error(`A bare machine does not start (${code}):\n${output}`);
  } finally {
    stopMachine(machine.path('/'));
  }
  writeFileSync(note, wanted);
  return layer;
}
