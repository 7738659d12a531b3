import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodeOf, onShutdownSignal } from '../local/processes/shutdown.ts';
import { runToEnd } from '../local/processes/readiness.ts';
import { takeStackKind } from '../local/stack-servers.ts';
import { startTestStack, testSettings, type TestStack } from './test-stack.ts';
import { failureText, placesOf } from './failure-text.ts';
import {
  needsStack,
  projectOptions,
  selectProjects,
  takeProjects,
  vitestProgram,
  type Selection,
} from './test-selection.ts';

const helpText = `npm test -- [PATTERN …] [options]

Runs the test files whose path contains one of the patterns, or all. Kafka, Postgres and Redis are started only where
a file needs them: unit tests (*.test.ts beside their source) do not, integration tests (*.int.test.ts) and system
tests (tests/system, tests/faults) do. The last line counts what passed and failed.

  npm run test:unit, test:int, test:system -- [PATTERN …]   the same for one kind of tests
  --stack KIND   local: programs of this machine (default); docker: containers
  --help         this text

Other options are passed on to Vitest.`;

const local = join(process.cwd(), '.local');
const resultFile = join(local, 'test-result.json');

type Result = {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
};

/** One stack for all tests that need one. */
async function run(selection: Selection, shutdown: AbortSignal): Promise<number> {
  const stack = needsStack(selection.projects) ? await startTestStack(local, 'test', shutdown) : undefined;
  try {
    return await vitest(selection, stack, shutdown);
  } finally {
    await stack?.stop();
  }
}

async function vitest(
  { projects, rest }: Selection,
  stack: TestStack | undefined,
  shutdown: AbortSignal,
): Promise<number> {
  mkdirSync(local, { recursive: true });
  rmSync(resultFile, { force: true });
  const program = join(process.cwd(), vitestProgram);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${resultFile}`];
  const outcome = await runToEnd(
    {
      name: 'tests',
      command: process.execPath,
      args: [program, 'run', ...reporters, ...projectOptions(projects), ...rest],
      ...(stack === undefined ? {} : { env: testSettings(stack), pidFolder: stack.folders.run }),
    },
    shutdown,
  );
  return summarise(outcome.kind === 'done' ? 0 : 1);
}

/** A skipped test, or none at all, is a failure. */
function summarise(code: number): number {
  const result = JSON.parse(readFileSync(resultFile, 'utf8')) as Result;
  const unrun = result.numPendingTests + result.numTodoTests;
  if (unrun > 0) process.stdout.write(`${unrun} tests did not run.\n`);
  const failed = result.numFailedTests + unrun + (code !== 0 && result.numFailedTests === 0 ? 1 : 0);
  summary = `${result.numPassedTests} passed, ${failed} failed`;
  return failed > 0 || result.numPassedTests === 0 ? 1 : 0;
}

let summary = '0 passed, 1 failed';
const shutdown = onShutdownSignal();
try {
  const { kind, rest } = takeStackKind(process.argv.slice(2));
  process.env['STACK'] = kind;
  if (rest.includes('--help')) summary = helpText;
  else process.exitCode = await run(selectProjects(takeProjects(rest)), shutdown);
} catch (error) {
  process.stderr.write(`${failureText(error, placesOf(process.cwd()))}\n`);
  process.exitCode = shutdown.aborted ? exitCodeOf(shutdown) : 1;
}
process.stdout.write(`${summary}\n`);
