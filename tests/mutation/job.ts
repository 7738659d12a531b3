import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Tree } from '../deep/fingerprint.ts';
import type { Job, JobOutcome, Site } from '../deep/job.ts';
import { runBounded, runTests, type TestOutcome } from '../deep/run-tests.ts';
import { applyPatch, copyTree } from './copy.ts';
import { patchOf, type Mutant } from './mutant.ts';
import { verdictOn, type Verdict } from './verdict.ts';

const boundMs = { compile: 300_000, start: 120_000, tests: 600_000 };

/** Applies one mutant's patch to a copy of the tree, and expects the tests that are named for it to kill it. */
export function mutationJob(tree: Tree, mutant: Mutant): Job {
  return {
    name: jobNameOf(mutant),
    inputs: inputsOf(tree, mutant),
    settings: JSON.stringify(mutant.killedBy),
    async run(site, fingerprint) {
      const folder = join(site.local, 'mutation', mutant.name);
      try {
        copyTree(tree, folder);
        const problem = await problemUnpatched(site, mutant, folder, fingerprint);
        if (problem !== undefined) return failed(`without the patch: ${problem}`);
        return await runPatched(site, tree, mutant, folder);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

export function jobNameOf({ name }: Mutant): string {
  return `mutation/${name}`;
}

const failed = (said: string): JobOutcome => ({ passed: false, said });

async function runPatched(site: Site, tree: Tree, mutant: Mutant, folder: string): Promise<JobOutcome> {
  const refused = applyPatch(folder, join(tree.root, patchOf(mutant)), 'apply');
  if (refused !== undefined) return failed(`the patch no longer applies: ${refused}`);
  const compileLog = logOf(site, mutant, 'compile');
  if (!(await compiles(site, folder, compileLog)))
    return failed(`the copy does not compile: ${relative(site.root, compileLog)}`);
  const startLog = logOf(site, mutant, 'start');
  if (!(await starts(site, folder, startLog)))
    return failed(`the copy does not start: ${relative(site.root, startLog)}`);
  const outcomes = await runNamed(site, mutant, folder, logOf(site, mutant, 'tests'));
  return outcomeOf(mutant.killedBy.map((each) => verdictOn(each, outcomes)));
}

function outcomeOf(verdicts: readonly Verdict[]): JobOutcome {
  const survivor = verdicts.find(({ killed }) => !killed);
  if (survivor !== undefined) return failed(survivor.said);
  const said = verdicts.map((verdict) => verdict.said);
  return { passed: true, said: `killed: ${said[0] ?? ''}`, detail: said };
}

function filesOf({ killedBy }: Mutant): string[] {
  return [...new Set(killedBy.map(({ file }) => file))];
}

/** Undefined where the named tests pass in the copy as it is, which is kept for the same code; else the problem. */
async function problemUnpatched(
  site: Site,
  mutant: Mutant,
  folder: string,
  fingerprint: string,
): Promise<string | undefined> {
  const kept = join(site.local, 'mutation-unpatched', fingerprint);
  if (existsSync(kept)) return undefined;
  const outcomes = await runNamed(site, mutant, folder, logOf(site, mutant, 'unpatched'));
  for (const { file, test } of mutant.killedBy) {
    const found = outcomes.find((each) => each.file === file && each.test === test);
    if (found?.status !== 'passed') return `"${test}" ${found?.status ?? 'was not run'}`;
  }
  mkdirSync(join(site.local, 'mutation-unpatched'), { recursive: true });
  writeFileSync(kept, '');
  return undefined;
}

function runNamed(site: Site, mutant: Mutant, folder: string, logFile: string): Promise<TestOutcome[]> {
  const named = { files: filesOf(mutant), tests: mutant.killedBy };
  return runTests(site, { folder, ...named, logFile, boundMs: boundMs.tests });
}

function logOf(site: Site, { name }: Mutant, step: string): string {
  return join(site.local, 'logs/deep', `${name}-${step}.log`);
}

async function starts(site: Site, folder: string, logFile: string): Promise<boolean> {
  const program = { name: 'deep-start', args: ['tests/mutation/start-services.ts'], env: site.env };
  const started = await runBounded(site, { ...program, folder, logFile, boundMs: boundMs.start });
  return started?.kind === 'done';
}

/** Copies share the incremental state of the compiler, so that each checks only what its patch changes. */
async function compiles(site: Site, folder: string, logFile: string): Promise<boolean> {
  const [known, own] = [
    join(site.local, 'mutation/types.tsbuildinfo'),
    join(folder, '.local/types.tsbuildinfo'),
  ];
  mkdirSync(join(folder, '.local'), { recursive: true });
  if (existsSync(known)) cpSync(known, own);
  const args = [
    'node_modules/typescript/bin/tsc',
    '-p',
    'tsconfig.json',
    '--incremental',
    '--tsBuildInfoFile',
    own,
  ];
  const compiled = await runBounded(site, {
    name: 'deep-types',
    folder,
    args,
    logFile,
    boundMs: boundMs.compile,
  });
  if (existsSync(own)) cpSync(own, known);
  return compiled?.kind === 'done';
}

const shared = [
  'proto/',
  'services/platform/',
  'tests/setup/',
  'infra/local/',
  'infra/main-job/',
  'infra/patches/',
  'pnpm-lock.yaml',
  'tsconfig.json',
  'vitest.config.ts',
  'tests/mutation/verdict.ts',
];

/** The tests, their packages (system tests depend on all), and the packages that the patch changes. */
function inputsOf(tree: Tree, mutant: Mutant): string[] {
  const patch = patchOf(mutant);
  const changed = existsSync(join(tree.root, patch))
    ? pathsIn(readFileSync(join(tree.root, patch), 'utf8'))
    : [];
  const tests = filesOf(mutant);
  const dependsOnAll = tests.some((file) => file.startsWith('tests/'));
  const packages = dependsOnAll ? ['services/', 'infra/'] : [...tests, ...changed].map(packageOf);
  return [...shared, patch, ...tests, ...packages];
}

function packageOf(file: string): string {
  return /^services\/[^/]+\//.exec(file)?.[0] ?? file;
}

function pathsIn(patch: string): string[] {
  return [...patch.matchAll(/^\+\+\+ b\/(.+)$/gm)].map((found) => found[1] ?? '');
}
