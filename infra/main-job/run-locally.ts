import { join } from 'node:path';
import { accountsText } from '../identity-provider/accounts.ts';
import { writeEndpoints } from '../local/endpoints.ts';
import { exitCodeOf, unlessShutdown, untilShutdown } from '../local/processes/shutdown.ts';
import { startStack, type RunningStack } from '../local/stack.ts';
import { readInputs, type Inputs } from './input/inputs.ts';
import type { RunOptions } from './input/options.ts';
import { runMainJob } from './main-job.ts';
import { requireWritable } from './report/report-file.ts';
import { addressesOf, addressesText } from './services/addresses.ts';
import { refuseEarlierData } from './services/earlier-data.ts';
import { startRunServices } from './services/run-services.ts';

/**
 * Runs the main job on a local stack and on services that it starts, and keeps them up until the shutdown unless
 * `--once` is set. Input files are read before anything starts.
 *
 * @returns the exit code: 0, 2 where an equality of the report does not hold, 1 after an error
 */
export async function runLocally(
  options: RunOptions,
  log: (line: string) => void,
  shutdown: AbortSignal,
): Promise<number> {
  if (options.report !== undefined) requireWritable(options.report);
  const inputs = readInputs(options, log);
  const stack = await startOwnStack(options, log, shutdown);
  try {
    if (!options.keep) await unlessShutdown(stack.shutdown, refuseEarlierData(stack));
    return await runOnStack(stack, inputs, options, log, shutdown);
  } finally {
    await stack.stop();
  }
}

function startOwnStack(
  { keep, stack: kind }: RunOptions,
  log: (line: string) => void,
  shutdown: AbortSignal,
): Promise<RunningStack> {
  const where = kind === 'docker' ? 'in containers' : 'the first start downloads them';
  log(`Starting Kafka, Postgres and Redis (${where}) …`);
  if (keep) log('Continuing on the data of the earlier run.');
  const directory = join(process.cwd(), '.local');
  return startStack({
    directory,
    downloads: join(directory, 'downloads'),
    fresh: !keep,
    log,
    shutdown,
    kind,
  });
}

async function runOnStack(
  stack: RunningStack,
  inputs: Inputs,
  options: RunOptions,
  log: (line: string) => void,
  shutdown: AbortSignal,
): Promise<number> {
  const failed = new AbortController();
  const over = AbortSignal.any([stack.shutdown, failed.signal]);
  const services = await startRunServices(stack, { log, onGivenUp: (reason) => failed.abort(reason) });
  try {
    writeEndpoints(stack.folders.run, stack, addressesOf(services));
    const site = { ...stack, transcriptFile: join(stack.folders.run, 'transcript.jsonl') };
    const { sound } = await unlessShutdown(over, runMainJob(site, services, inputs, options));
    process.stdout.write(addressesText(services.home));
    process.stdout.write(accountsText(services.identityProvider.issuer));
    if (!options.once) {
      await stayUp(log, over, shutdown);
      if (exitCodeOf(shutdown) === 1) return 1;
    }
    return sound ? 0 : 2;
  } finally {
    await services.stop();
  }
}

/** @throws the reason for which the run is over, unless that is the shutdown */
async function stayUp(log: (line: string) => void, over: AbortSignal, shutdown: AbortSignal): Promise<void> {
  log('Up until Ctrl-C.');
  await untilShutdown(over);
  if (!shutdown.aborted) throw over.reason;
}
