import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodeOf, onShutdownSignal } from '../local/processes/shutdown.ts';
import { runToEnd } from '../local/processes/readiness.ts';
import { takeStackKind } from '../local/stack-servers.ts';
import { startTestStack, testSettings, type TestStack } from './test-stack.ts';
import { failureText, placesOf } from './failure-text.ts';

const local = join(process.cwd(), '.local');
const resultFile = join(local, 'test-result.json');

type Result = {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
};

/** One stack for all tests that need one; the unit tests need none. */
async function run(args: string[], shutdown: AbortSignal): Promise<number> {
  const unitOnly = args.includes('unit') && !args.includes('integration') && !args.includes('system');
  const stack = unitOnly ? undefined : await startTestStack(local, 'test', shutdown);
  try {
    return await vitest(args, stack, shutdown);
  } finally {
    await stack?.stop();
  }
}

async function vitest(args: string[], stack: TestStack | undefined, shutdown: AbortSignal): Promise<number> {
  mkdirSync(local, { recursive: true });
  rmSync(resultFile, { force: true });
  const program = join(process.cwd(), 'node_modules/vitest/vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${resultFile}`];
  const outcome = await runToEnd(
    {
      name: 'tests',
      command: process.execPath,
      args: [program, 'run', ...reporters, ...args],
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
  process.exitCode = await run(rest, shutdown);
} catch (error) {
  process.stderr.write(`${failureText(error, placesOf(process.cwd()))}\n`);
  process.exitCode = shutdown.aborted ? exitCodeOf(shutdown) : 1;
}
process.stdout.write(`${summary}\n`);
