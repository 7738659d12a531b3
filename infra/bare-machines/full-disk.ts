import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { clone, runOrThrow, user } from './machine.ts';
import type { Case } from './cases.ts';
import { clonePath, type Trial } from './trial.ts';

const megabyte = 1024 ** 2;
const fullDiskMessage = /The disk that holds \S+ is full|the disk that holds \S+ is full/;

/** Trials with a small full disk: of the user's home, or of a folder of the stack. */
export const fullDiskCases: Record<string, Case> = {
  'full-at-install': {
    title: 'the disk is full while packages are installed',
    warm: false,
    attempt: async (trial) => {
      const home = trial.machine.path(`/home/${user}`);
      const aside = trial.machine.path('/home/aside');
      runOrThrow('cp', '-a', home, aside);
      runOrThrow('mount', '-t', 'tmpfs', '-o', 'size=200m', 'tmpfs', home);
      runOrThrow('cp', '-a', `${aside}/.`, home);
      await trial.fails(fullDiskMessage);
      runOrThrow('mount', '-o', 'remount,size=4g', home);
      await trial.works();
    },
  },
  'full-at-fetch': {
    title: 'the disk is full while Kafka is fetched',
    warm: true,
    attempt: async (trial) => {
      runOrThrow('rm', '-rf', clonePath(trial, '.local/downloads/kafka'));
      await onSmallDisk(trial, '.local/downloads', 40, () => trial.fails(fullDiskMessage));
      await trial.works();
    },
  },
  'full-at-initdb': {
    title: 'the disk is full while Postgres creates its data folder',
    warm: true,
    attempt: async (trial) => {
      // A fresh start removes earlier data, which would free space.
      runOrThrow('rm', '-rf', clonePath(trial, '.local/data'));
      await onSmallDisk(trial, '.local/data', 36, () => trial.fails(fullDiskMessage));
      await trial.works();
    },
  },
  'full-while-running': {
    title: 'the disk becomes full while declarations are decided',
    warm: true,
    attempt: async (trial) => {
      const data = clonePath(trial, '.local/data');
      const fill = () => void fillUp(data);
      // A step is printed when it is done: declarations begin after this one.
      await onSmallDisk(trial, '.local/data', 1_000, () =>
        trial.fails(fullDiskMessage, { until: /^exchange /m, then: fill }),
      );
      await trial.works();
    },
  },
};

/** Mounts a disk of some megabytes in place of a folder; space is freed by removing the filler. */
async function onSmallDisk(
  trial: Trial,
  folder: string,
  megabytes: number,
  attempt: () => Promise<unknown>,
): Promise<void> {
  const place = clonePath(trial, folder);
  const aside = `${place}.aside`;
  mkdirSync(place, { recursive: true });
  runOrThrow('cp', '-a', place, aside);
  runOrThrow(
    'mount',
    '-t',
    'tmpfs',
    '-o',
    `size=${megabytes + Number(runOrThrow('du', '-sm', aside).split('\t')[0])}m`,
    'tmpfs',
    place,
  );
  runOrThrow('cp', '-a', `${aside}/.`, place);
  runOrThrow('chroot', trial.machine.path('/'), 'chown', '-R', `${user}:${user}`, clone);
  rmSync(aside, { recursive: true });
  await attempt();
  rmSync(`${place}/filler`, { force: true });
  runOrThrow('mount', '-o', 'remount,size=4g', place);
}

function fillUp(folder: string): void {
  const { bavail, bsize } = statfsSync(folder);
  try {
    writeFileSync(`${folder}/filler`, Buffer.alloc(Math.min(bavail * bsize, 1_900 * megabyte)));
  } catch {
    // It is full: that is what was wanted.
  }
}
