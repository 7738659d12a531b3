import { join } from 'node:path';
import { writeEndpoints } from '../local/endpoints.ts';
import { exitCodeOf, onShutdownSignal, unlessShutdown, untilShutdown } from '../local/processes/shutdown.ts';
import { accountsText } from '../identity-provider/accounts.ts';
import { listed, readDeclarationsFile, type DeclarationsFile } from '../main-job/input/declarations-file.ts';
import { refuseEarlierData } from '../main-job/services/earlier-data.ts';
import { programmesNamed } from '../main-job/certification/generated-facts.ts';
import { addressesText, runMainJob } from '../main-job/main-job.ts';
import { helpText, readOptions, type RunOptions } from '../main-job/input/options.ts';
import { requireWritable } from '../main-job/report/report-file.ts';
import { addressesOf, startRunServices, type RunServices } from '../main-job/services/run-services.ts';
import { startStack } from '../local/stack.ts';
import { failureText, placesOf } from './failure-text.ts';

/** Files are read before anything starts: a file that cannot be used costs no time. */
function readFile(path: string): DeclarationsFile {
  const file = readDeclarationsFile(path);
  for (const line of listed(path, file)) tell(line);
  if (file.refused.length > 0) tell(`${path}: ${file.refused.length} rows left out`);
  return file;
}

/** Whatever happens after the stack has started, the services are stopped and then the stack. */
async function run(options: RunOptions, shutdown: AbortSignal): Promise<number> {
  if (options.report !== undefined) requireWritable(options.report);
  const programmes = programmesNamed(options.programmes);
  const [history, declarations] = [readFile(options.history), readFile(options.declarations)];
  const inputs = { history, declarations, programmes };
  if (options.limit !== undefined) inputs.declarations.rows.splice(options.limit);
  const local = join(process.cwd(), '.local');
  const where = options.stack === 'docker' ? 'in containers' : 'the first start downloads them';
  tell(`Starting Kafka, Postgres and Redis (${where}) …`);
  if (options.keep) tell('Continuing on the data of the earlier run.');
  const downloads = join(local, 'downloads');
  const { keep, stack: kind } = options;
  const stack = await startStack({ directory: local, downloads, fresh: !keep, log: tell, shutdown, kind });
  let services: RunServices | undefined;
  try {
    if (!options.keep) await unlessShutdown(stack.shutdown, refuseEarlierData(stack));
    const failing = new AbortController();
    const onGivenUp = (reason: Error) => failing.abort(reason);
    const over = AbortSignal.any([stack.shutdown, failing.signal]);
    services = await startRunServices(stack, { log: tell, onGivenUp: onGivenUp });
    writeEndpoints(stack.folders.run, stack, addressesOf(services));
    const site = { ...stack, transcriptFile: join(stack.folders.run, 'transcript.jsonl') };
    const { sound } = await unlessShutdown(over, runMainJob(site, services, inputs, options));
    process.stdout.write(addressesText(services.home));
    process.stdout.write(accountsText(services.identityProvider.issuer));
    if (!options.once) {
      tell('Up until Ctrl-C.');
      await untilShutdown(over);
      if (!shutdown.aborted) throw over.reason;
      if (exitCodeOf(shutdown) === 1) return 1;
    }
    return sound ? 0 : 2;
  } finally {
    await services?.stop();
    await stack.stop();
  }
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}

const shutdown = onShutdownSignal();
shutdown.addEventListener('abort', () => tell('\nStopping the services and then the brokers …'));
try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) tell(helpText);
  else process.exitCode = await run(options, shutdown);
} catch (error) {
  if (!shutdown.aborted) process.stderr.write(`${failureText(error, placesOf(process.cwd()))}\n`);
  process.exitCode = shutdown.aborted ? exitCodeOf(shutdown) : 1;
}
process.exit();
