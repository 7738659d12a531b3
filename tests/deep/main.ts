import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodeOf, onShutdownSignal } from '../../infra/local/processes/shutdown.ts';
import { startTestStack, testSettings } from '../../infra/tasks/test-stack.ts';
import { carryPatches } from '../mutation/carry.ts';
import { mutationJob } from '../mutation/job.ts';
import { mutants } from '../mutation/mutants.ts';
import { mutationTable } from '../mutation/table.ts';
import { bareJobs } from './bare-jobs.ts';
import { faultJobs } from './fault-jobs.ts';
import { fingerprintOf, readCommit, readTree } from './fingerprint.ts';
import type { Job, Site } from './job.ts';
import { readOptions, usage, type Options } from './options.ts';
import { killJobs } from './kill-jobs.ts';
import { propertyJobs } from './property-jobs.ts';
import { openResults, type Result, type Results } from './results.ts';

type Planned = { job: Job; fingerprint: string; done: boolean };

const root = process.cwd();
const local = join(root, '.local');
const print = (line: string) => void process.stdout.write(`${line}\n`);
const count = { passed: 0, failed: 0 };

function plan(options: Options, results: Results): Planned[] {
  const tree = readTree(root);
  const isSelected = (name: string) =>
    options.only.length === 0 || options.only.some((part) => name.includes(part));
  const jobs = [
    ...mutants.map((mutant) => mutationJob(tree, mutant)),
    ...faultJobs(tree, options.seeds),
    ...killJobs(options.seeds),
    ...bareJobs(),
    ...propertyJobs(tree),
  ];
  return jobs
    .filter(({ name }) => isSelected(name))
    .map((job) => {
      const fingerprint = fingerprintOf(tree, job);
      return { job, fingerprint, done: !options.again && results.isDone(job.name, fingerprint) };
    });
}

async function runJobs(planned: readonly Planned[], results: Results, shutdown: AbortSignal): Promise<void> {
  const waiting = planned.filter(({ done }) => !done);
  count.passed = planned.length - waiting.length;
  print(`${planned.length} jobs, ${count.passed} of them passed earlier for this code.`);
  if (waiting.length === 0) return;
  const stack = await startTestStack(local, 'deep', shutdown);
  try {
    const site = { root, local, env: testSettings(stack), pidFolder: stack.folders.run, shutdown };
    for (const [index, each] of waiting.entries()) {
      const result = await runOne(site, each);
      count[result.result] += 1;
      results.add(result);
      const { job, seconds, said } = result;
      print(`[${index + 1}/${waiting.length}] ${result.result}  ${job}  ${seconds} s  ${said}`);
    }
  } finally {
    await stack.stop();
  }
}

async function runOne(site: Site, { job, fingerprint }: Planned): Promise<Result> {
  const startedMs = performance.now();
  const { passed, said, detail } = await job.run(site, fingerprint).catch((error: unknown) => {
    if (site.shutdown.aborted) throw error;
    return { passed: false, said: (error as Error).message, detail: undefined };
  });
  // A result counts only if the code did not change while the job ran.
  const same = fingerprintOf(readTree(root), job) === fingerprint;
  return {
    at: new Date().toISOString(),
    commit: readCommit(root),
    job: job.name,
    ...(job.seed === undefined ? {} : { seed: job.seed }),
    result: passed && same ? 'passed' : 'failed',
    seconds: Math.round((performance.now() - startedMs) / 100) / 10,
    fingerprint,
    said: same ? said : 'the code was changed while the job ran',
    ...(detail === undefined ? {} : { detail }),
  };
}

function list(planned: readonly Planned[]): void {
  for (const { job, done } of planned) print(`${done ? 'passed ' : 'waiting'}  ${job.name}`);
}

/** @returns the exit code: 1 where a patch has to be rewritten by hand */
function carry(revision: string): number {
  const { carried, failed } = carryPatches(root, revision);
  for (const patch of carried) print(`carried over  ${patch}`);
  for (const { patch, reason } of failed) print(`NOT CARRIED   ${patch}: ${reason}`);
  print(`${carried.length} carried over, ${failed.length} to rewrite by hand`);
  return failed.length > 0 ? 1 : 0;
}

/** @returns the exit code */
async function run(args: readonly string[], shutdown: AbortSignal): Promise<number> {
  const options = readOptions(args);
  if (options.action === 'help') {
    print(usage);
    return 0;
  }
  if (options.action === 'carry') return carry(options.revision);
  const results = openResults(root);
  const planned = plan(options, results);
  if (options.action === 'list') {
    list(planned);
    return 0;
  }
  try {
    await runJobs(planned, results, shutdown);
  } finally {
    if (planned.some(({ job }) => job.name.startsWith('mutation/')))
      writeFileSync(join(root, 'docs/mutation-table.md'), mutationTable(mutants, results.newest));
    print(`${count.passed} passed, ${count.failed} failed`);
  }
  return count.failed > 0 || planned.length === 0 ? 1 : 0;
}

const shutdown = onShutdownSignal();
try {
  process.exitCode = await run(process.argv.slice(2), shutdown);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = shutdown.aborted ? exitCodeOf(shutdown) : 1;
}
