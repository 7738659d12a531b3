import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startStack, type Stack } from './stack.ts';

const local = join(process.cwd(), '.local');
const resultFile = join(local, 'test-result.json');

type Result = {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
};

/** One stack for all tests that need one; the unit tests need none. */
async function run(args: string[]): Promise<number> {
  const unitOnly = args.includes('unit') && !args.includes('integration') && !args.includes('system');
  const stack = unitOnly ? undefined : await startTestStack();
  try {
    return await vitest(args, stack);
  } finally {
    await stack?.stop();
  }
}

function startTestStack(): Promise<Stack> {
  const log = (line: string) => void process.stdout.write(`${line}\n`);
  return startStack({
    directory: join(local, 'test'),
    downloads: join(local, 'downloads'),
    fresh: true,
    log,
  });
}

async function vitest(args: string[], stack: Stack | undefined): Promise<number> {
  mkdirSync(local, { recursive: true });
  rmSync(resultFile, { force: true });
  const env = stack
    ? { KAFKA_BROKERS: stack.kafkaBrokers, POSTGRES_URL: stack.postgresUrl, REDIS_URL: stack.redisUrl }
    : {};
  const program = join(process.cwd(), 'node_modules/vitest/vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${resultFile}`];
  const child = spawn(process.execPath, [program, 'run', ...reporters, ...args], {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  process.on('SIGINT', () => undefined);
  const [code] = (await once(child, 'exit')) as [number | null];
  return summarise(code ?? 1);
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
try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
process.stdout.write(`${summary}\n`);
