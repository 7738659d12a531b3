import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { runToEnd, type Outcome } from '../../infra/local/processes/readiness.ts';
import type { Site } from './job.ts';

/** A test by its file, from the tree's root, and its titles from the outside in, joined by " > ". */
export type NamedTest = { file: string; test: string };

export type TestOutcome = NamedTest & {
  status: string;
  /** What each error said, with its kind before and its stack behind. */
  messages: string[];
};

export type TestRun = {
  /** The tree they are run in. */
  folder: string;
  files: readonly string[];
  /** Absent: all tests of the files. */
  tests?: readonly NamedTest[];
  env?: NodeJS.ProcessEnv;
  logFile: string;
  boundMs: number;
};

/**
 * Runs tests in a tree on the site's stack, and tells what became of each that was asked for. Empty where the program
 * did not come to an end in time, or ended without telling.
 *
 * @throws the shutdown's reason
 */
export async function runTests(site: Site, run: TestRun): Promise<TestOutcome[]> {
  const resultFile = join(run.folder, '.local', 'deep-result.json');
  rmSync(resultFile, { force: true });
  await runBounded(site, {
    name: 'deep-tests',
    folder: run.folder,
    args: [
      join(run.folder, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${resultFile}`,
      ...[...new Set(run.files.map(projectOf))].flatMap((project) => ['--project', project]),
      ...(run.tests === undefined ? [] : ['--testNamePattern', patternOf(run.tests)]),
      ...run.files,
    ],
    env: { ...site.env, ...run.env },
    logFile: run.logFile,
    boundMs: run.boundMs,
  });
  if (!existsSync(resultFile)) return [];
  return outcomesIn(JSON.parse(readFileSync(resultFile, 'utf8')) as Report, run);
}

/** The project of vitest.config.ts a test file belongs to. */
function projectOf(file: string): 'unit' | 'integration' | 'system' {
  if (/^tests\/(system|faults)\//.test(file)) return 'system';
  return file.endsWith('.int.test.ts') ? 'integration' : 'unit';
}

type Program = {
  name: string;
  folder: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  logFile: string;
  boundMs: number;
};

/**
 * Runs a Node program in a folder; undefined where its time was over.
 *
 * @throws the shutdown's reason
 */
export async function runBounded(site: Site, program: Program): Promise<Outcome | undefined> {
  const { name, folder, args, env, logFile, boundMs } = program;
  const options = { name, command: process.execPath, args, cwd: folder, logFile, pidFolder: site.pidFolder };
  const bound = AbortSignal.any([site.shutdown, AbortSignal.timeout(boundMs)]);
  try {
    return await runToEnd({ ...options, ...(env === undefined ? {} : { env }) }, bound);
  } catch (error) {
    if (site.shutdown.aborted || !bound.aborted) throw error;
    return undefined;
  }
}

type Report = {
  testResults: {
    name: string;
    assertionResults: {
      ancestorTitles: string[];
      title: string;
      status: string;
      failureMessages: string[] | null;
    }[];
  }[];
};

function outcomesIn({ testResults }: Report, { folder, tests }: TestRun): TestOutcome[] {
  const all = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ ancestorTitles, title, status, failureMessages }) => ({
      file: relative(folder, name),
      test: [...ancestorTitles, title].join(' > '),
      status,
      messages: failureMessages ?? [],
    })),
  );
  return tests === undefined
    ? all
    : all.filter((each) => tests.some(({ file, test }) => each.file === file && each.test === test));
}

function patternOf(tests: readonly NamedTest[]): string {
  const names = tests.map(({ test }) => test.split(' > ').map(escape).join('(?: > | )'));
  return `(?:^|\\s)(?:${names.join('|')})$`;
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
