import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from './job.ts';
import { runBounded } from './run-tests.ts';

const boundMs = 1_800_000;

/** The main job, which audits itself, with each service killed in turn: a run for each seed, on a stack of its own. */
export function killJobs(seeds: number): Job[] {
  return Array.from({ length: seeds }, (_, index) => killJob(index + 1));
}

function killJob(seed: number): Job {
  const name = `kills/seed-${seed}`;
  return {
    name,
    seed,
    inputs: ['proto/', 'services/', 'infra/', 'pnpm-lock.yaml'],
    async run(site) {
      const logFile = join(site.local, 'logs/deep', `kills-seed-${seed}.log`);
      const outcome = await runBounded(site, {
        name: 'deep-main-job',
        folder: site.root,
        logFile,
        boundMs,
        args: ['infra/tasks/start.ts', '--once', '--kill-services', '--seed', String(seed)],
      });
      if (outcome === undefined) return { passed: false, said: 'the main job came to no end' };
      return { passed: outcome.kind === 'done', said: saidIn(logFile) };
    },
  };
}

/** What does not hold, else how much was decided and held. */
function saidIn(logFile: string): string {
  const lines = existsSync(logFile) ? readFileSync(logFile, 'utf8').split('\n') : [];
  const said = ['DOES NOT HOLD', 'Ledger'].map((start) => lines.find((line) => line.startsWith(start)));
  const line = said[0] ?? said[1] ?? lines.findLast((each) => each !== '') ?? 'nothing';
  return line.trim().replaceAll(/\s+/g, ' ');
}
