import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { clone, must, user } from './machine.ts';
import type { Case } from './cases.ts';
import { inClone, type Trial } from './trial.ts';

const megabyte = 1024 ** 2;
const told = /The disk that holds \S+ is full|the disk that holds \S+ is full/;

/** Tries in which a small disk is full: of the user's home, or of what a stack writes. */
export const fullDiskCases: Record<string, Case> = {
  'full-at-install': {
    title: 'the disk is full while packages are installed',
    warm: false,
    attempt: async (trial) => {
      const home = trial.machine.path(`/home/${user}`);
      const aside = trial.machine.path('/home/aside');
      must('cp', '-a', home, aside);
      must('mount', '-t', 'tmpfs', '-o', 'size=200m', 'tmpfs', home);
      must('cp', '-a', `${aside}/.`, home);
      await trial.fails(told);
      must('mount', '-o', 'remount,size=4g', home);
      await trial.works();
    },
  },
  'full-at-fetch': {
    title: 'the disk is full while Kafka is fetched',
    warm: true,
    attempt: async (trial) => {
      must('rm', '-rf', inClone(trial, '.local/downloads/kafka'));
      await onSmallDisk(trial, '.local/downloads', 40, () => trial.fails(told));
      await trial.works();
    },
  },
  'full-at-initdb': {
    title: 'the disk is full while Postgres makes its data folder',
    warm: true,
    attempt: async (trial) => {
      // A start that begins anew removes what is there, and would have that much room more.
      must('rm', '-rf', inClone(trial, '.local/data'));
      await onSmallDisk(trial, '.local/data', 36, () => trial.fails(told));
      await trial.works();
    },
  },
  'full-while-running': {
    title: 'the disk becomes full while declarations are decided',
    warm: true,
    attempt: async (trial) => {
      const data = inClone(trial, '.local/data');
      const fill = () => void fillUp(data);
      // A step is told when it is done: declarations begin after this one.
      await onSmallDisk(trial, '.local/data', 1_000, () =>
        trial.fails(told, { until: /^exchange /m, then: fill }),
      );
      await trial.works();
    },
  },
};

/** A disk of some megabytes in the place of a folder; room is made by taking the filler away. */
async function onSmallDisk(
  trial: Trial,
  folder: string,
  megabytes: number,
  attempt: () => Promise<unknown>,
): Promise<void> {
  const place = inClone(trial, folder);
  const aside = `${place}.aside`;
  mkdirSync(place, { recursive: true });
  must('cp', '-a', place, aside);
  must(
    'mount',
    '-t',
    'tmpfs',
    '-o',
    `size=${megabytes + Number(must('du', '-sm', aside).split('\t')[0])}m`,
    'tmpfs',
    place,
  );
  must('cp', '-a', `${aside}/.`, place);
  must('chroot', trial.machine.path('/'), 'chown', '-R', `${user}:${user}`, clone);
  rmSync(aside, { recursive: true });
  await attempt();
  rmSync(`${place}/filler`, { force: true });
  must('mount', '-o', 'remount,size=4g', place);
}

function fillUp(folder: string): void {
  const { bavail, bsize } = statfsSync(folder);
  try {
    writeFileSync(`${folder}/filler`, Buffer.alloc(Math.min(bavail * bsize, 1_900 * megabyte)));
  } catch {
    // It is full: that is what was wanted.
  }
}
