import { once } from 'node:events';
import { join } from 'node:path';
import { listed, readDeclarationsFile, type DeclarationsFile } from './run/declarations-file.ts';
import { refuseEarlierData } from './run/earlier-data.ts';
import { runMainJob } from './run/main-job.ts';
import { helpText, readOptions, type RunOptions } from './run/options.ts';
import { requireWritable } from './run/report-file.ts';
import { startStack } from './stack.ts';

/** Files are read before anything starts: a file that cannot be used costs no time. */
function readFile(path: string): DeclarationsFile {
  const file = readDeclarationsFile(path);
  for (const line of listed(path, file)) process.stdout.write(`${line}\n`);
  if (file.refused.length > 0) process.stdout.write(`${path}: ${file.refused.length} rows left out\n`);
  return file;
}

async function run(options: RunOptions): Promise<void> {
  if (options.report !== undefined) requireWritable(options.report);
  const inputs = { history: readFile(options.history), declarations: readFile(options.declarations) };
  if (options.limit !== undefined) inputs.declarations.rows.splice(options.limit);
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  const local = join(process.cwd(), '.local');
  process.stdout.write('Starting Kafka, Postgres and Redis (the first start downloads them) …\n');
  if (options.keep) process.stdout.write('Continuing on the data of the earlier run.\n');
  const stack = await startStack({
    directory: local,
    downloads: join(local, 'downloads'),
    fresh: !options.keep,
    log: (line) => void process.stdout.write(`${line}\n`),
  });
  try {
    if (!options.keep) await refuseEarlierData(stack);
    const running = await Promise.race([runMainJob(stack, inputs, options), stopped.then(() => undefined)]);
    if (running === undefined) return;
    if (!running.sound) process.exitCode = 2;
    if (!options.once) {
      process.stdout.write('Up until Ctrl-C.\n');
      await stopped;
    }
    await running.stop();
  } finally {
    await stack.stop();
  }
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(`${helpText}\n`);
  else await run(options);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
process.exit();
