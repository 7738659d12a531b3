import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allCases } from '../../infra/bare-machines/all-cases.ts';
import type { Job } from './job.ts';
import { runBounded } from './run-tests.ts';

const boundMs = 2_400_000;

/** A start on each machine that lacks something. They need root and Debian; elsewhere they fail, and say so. */
export function bareJobs(): Job[] {
  return Object.keys(allCases).map(bareJob);
}

function bareJob(name: string): Job {
  return {
    name: `bare/${name}`,
    inputs: [
      'infra/bootstrap.mjs',
      'infra/load-task.mjs',
      'infra/bare-machines/',
      'infra/identity-provider/',
      'infra/local/',
      'infra/main-job/',
      'infra/tasks/',
      'infra/package.json',
      'infra/patches/',
      'package.json',
      'pnpm-lock.yaml',
      'pnpm-workspace.yaml',
      'proto/',
      'services/',
    ],
    async run(site) {
      const logFile = join(site.local, 'logs/deep', `bare-${name}.log`);
      const program = { name: 'deep-bare', folder: site.root, logFile, boundMs };
      const outcome = await runBounded(site, { ...program, args: ['infra/bare-machines/main.ts', name] });
      if (outcome === undefined) return { passed: false, said: 'it came to no end' };
      return { passed: outcome.kind === 'done', said: saidIn(logFile) };
    },
  };
}

/** What does not hold, else how the try ended. */
function saidIn(logFile: string): string {
  const lines = existsSync(logFile) ? readFileSync(logFile, 'utf8').split('\n') : [];
  const wrong = lines.find((line) => /^(DOES NOT HOLD|Cannot be tried)/.test(line));
  return wrong ?? lines.findLast((line) => line !== '') ?? 'nothing';
}
