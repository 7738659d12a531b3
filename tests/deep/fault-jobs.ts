import { join } from 'node:path';
import type { Tree } from './fingerprint.ts';
import type { Job } from './job.ts';
import { runTests, type TestOutcome } from './run-tests.ts';

const boundMs = 3_600_000;

/** Each file of faults with each seed, with the times of the earnest case. */
export function faultJobs(tree: Tree, seeds: number): Job[] {
  const files = tree.files.filter((file) => /^tests\/faults\/.*\.test\.ts$/.test(file));
  return files.flatMap((file) => Array.from({ length: seeds }, (_, index) => faultJob(file, index + 1)));
}

function faultJob(file: string, seed: number): Job {
  const title = file.slice('tests/faults/'.length, -'.test.ts'.length);
  const name = `faults/${title}/seed-${seed}`;
  return {
    name,
    seed,
    inputs: ['proto/', 'services/', 'infra/', 'tests/setup/', file, 'pnpm-lock.yaml', 'vitest.config.ts'],
    async run(site) {
      const logFile = join(site.local, 'logs/deep', `faults-${title}-seed-${seed}.log`);
      const env = { FAULT_TIMES: 'full', FAULT_SEED: String(seed) };
      const outcomes = await runTests(site, { folder: site.root, files: [file], env, logFile, boundMs });
      return { passed: isWhole(outcomes), said: `${summaryOf(outcomes)}` };
    },
  };
}

/** A test that was skipped, or none at all, is a failure. */
function isWhole(outcomes: readonly TestOutcome[]): boolean {
  return outcomes.length > 0 && outcomes.every(({ status }) => status === 'passed');
}

function summaryOf(outcomes: readonly TestOutcome[]): string {
  if (outcomes.length === 0) return 'no test came to an end';
  const other = outcomes.find(({ status }) => status !== 'passed');
  if (other === undefined) return `${outcomes.length} tests passed`;
  return `"${other.test}" ${other.status}: ${(other.messages[0] ?? '').split('\n')[0] ?? ''}`;
}
