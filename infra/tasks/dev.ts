import { helpText, readService, runDev } from '../dev/dev.ts';
import { exitCodeOf, onShutdownSignal } from '../local/processes/shutdown.ts';
import { failureText, placesOf } from './failure-text.ts';

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const shutdown = onShutdownSignal();
shutdown.addEventListener('abort', () => print('\nStopping the services and then the brokers …'));
try {
  const service = readService(process.argv.slice(2));
  if (service === undefined) print(helpText);
  else await runDev(service, print, shutdown);
  process.exitCode = shutdown.aborted ? exitCodeOf(shutdown) : 0;
} catch (error) {
  if (!shutdown.aborted) process.stderr.write(`${failureText(error, placesOf(process.cwd()))}\n`);
  process.exitCode = shutdown.aborted ? exitCodeOf(shutdown) : 1;
}
process.exit();
