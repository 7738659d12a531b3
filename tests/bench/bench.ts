import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { exitCodeOf, onShutdownSignal } from '../../infra/local/processes/shutdown.ts';
import { startStack } from '../../infra/local/stack.ts';
import type { Endpoints } from '../../infra/local/stack-types.ts';
import { assessStreamBenchmark } from './assess-stream.ts';
import type { Benchmark, Finding, Site } from './benchmark.ts';
import { getPriorityBenchmark } from './get-priority.ts';
import { operatorsBenchmark } from './operators.ts';
import { recordStepBenchmark } from './record-step.ts';
import { suspensionVisibleBenchmark } from './suspension-latency.ts';
import { line } from './table.ts';

const benchmarks: Benchmark[] = [
  getPriorityBenchmark,
  assessStreamBenchmark,
  recordStepBenchmark,
  suspensionVisibleBenchmark,
  operatorsBenchmark,
];

const help = `npm run bench -- [options]

Compares this project's hot paths with bare baselines of the same run, in alternating blocks, on Kafka, Postgres
and Redis of their own. Every answer is checked first: a wrong one ends the benchmark without a number.

  --only NAME     one of ${benchmarks.map(({ name }) => name).join(', ')} (may be repeated)
  --pairs N       pairs of blocks that count (20)
  --seconds N     how long a block lasts (2)
  --report FILE   the findings as JSON
  --help
`;

const local = join(process.cwd(), '.local');
const print = (text: string) => void process.stdout.write(`${text}\n`);

type Options = { only: string[]; pairs: number; seconds: number; report: string | undefined };

function readOptions(args: string[]): Options | undefined {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', multiple: true },
      pairs: { type: 'string', default: '20' },
      seconds: { type: 'string', default: '2' },
      report: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const only = values.only ?? benchmarks.map(({ name }) => name);
  const unknown = only.find((name) => !benchmarks.some((benchmark) => benchmark.name === name));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: there is no such benchmark; see --help`);
  const [pairs, seconds] = [positive('--pairs', values.pairs), positive('--seconds', values.seconds)];
  return { only, pairs: Math.ceil(pairs), seconds, report: values.report };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${name} ${text}: a number above 0 is wanted`);
  return value;
}

async function run({ only, pairs, seconds, report }: Options, shutdown: AbortSignal): Promise<void> {
  const directory = join(local, 'bench');
  const downloads = join(local, 'downloads');
  const stack = await startStack({ directory, downloads, fresh: true, log: print, shutdown });
  process.env['TEST_FOLDER'] = join(stack.folders.run, 'tests');
  mkdirSync(process.env['TEST_FOLDER'], { recursive: true });
  const results: Record<string, Finding[]> = {};
  try {
    for (const benchmark of benchmarks.filter(({ name }) => only.includes(name))) {
      shutdown.throwIfAborted();
      print(`${benchmark.name}: ${benchmark.what}`);
      const findings = await benchmark.run(siteOf(stack, stack.folders.run, pairs, seconds));
      results[benchmark.name] = findings;
      for (const finding of findings) print(line(finding));
    }
  } finally {
    await stack.stop();
    rmSync(join(stack.folders.run, 'tests'), { recursive: true, force: true });
  }
  if (report !== undefined) writeFileSync(report, `${JSON.stringify(results, null, 2)}\n`);
}

function siteOf(stack: Endpoints, folder: string, pairs: number, seconds: number): Site {
  const live = process.stdout.isTTY;
  const onPair = (done: number, of: number) => {
    if (live) process.stdout.write(`\r  ${done}/${of} `);
  };
  const blocks = { pairs, warmUpPairs: 3, durationMs: seconds * 1_000, onPair };
  return { stack, folder, blocks, print };
}

const shutdown = onShutdownSignal();
try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) print(help);
  else await run(options, shutdown);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = shutdown.aborted ? exitCodeOf(shutdown) : 1;
}
process.exit();
