import { exitCodeOf, onShutdownSignal } from '../local/processes/shutdown.ts';
import { helpText, readOptions } from '../main-job/input/options.ts';
import { runLocally } from '../main-job/run-locally.ts';
import { failureText, placesOf } from './failure-text.ts';

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const shutdown = onShutdownSignal();
shutdown.addEventListener('abort', () => print('\nStopping the services and then the brokers …'));
try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) print(helpText);
  else process.exitCode = await runLocally(options, print, shutdown);
} catch (error) {
  if (!shutdown.aborted) process.stderr.write(`${failureText(error, placesOf(process.cwd()))}\n`);
  process.exitCode = shutdown.aborted ? exitCodeOf(shutdown) : 1;
}
process.exit();
