import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { accountsText } from '../identity-provider/accounts.ts';
import { writeEndpoints } from '../local/endpoints.ts';
import { startChild } from '../local/processes/child-process.ts';
import { untilShutdown } from '../local/processes/shutdown.ts';
import { startStack, type RunningStack } from '../local/stack.ts';
import { addressesOf, addressesText } from '../main-job/services/addresses.ts';
import { administration, serviceNames } from '../main-job/services/administrations.ts';
import { withDevServices } from './dev-services.ts';

export const helpText = `npm run dev SERVICE

Starts Kafka, Postgres and Redis, the services of one administration and their identity provider, prints the log
of SERVICE, and restarts SERVICE when its code, its data files or a package that it uses changes.

  SERVICE   one of ${serviceNames.join(', ')}
  --help    this text

Data are kept in .local/dev between starts; npm start has a stack of its own and may run at the same time.
The environment variables for servers and ports are those of npm start (npm start -- --help).
`;

/**
 * Reads the command line.
 *
 * @returns the service; undefined where the help is wanted
 * @throws Error naming the services
 */
export function readService(args: string[]): string | undefined {
  const { values, positionals } = parseArgs({
    args,
    options: { help: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  if (values.help) return undefined;
  const [service, ...others] = positionals;
  const choices = `npm run dev SERVICE takes one of ${serviceNames.join(', ')}`;
  if (service === undefined) throw new Error(`${choices}.`);
  const unknown = [service, ...others].find((name) => !serviceNames.includes(name)) ?? others[0];
  if (unknown !== undefined) throw new Error(`${choices}, not "${[service, ...others].join(' ')}".`);
  return service;
}

/** Runs a service from source until the shutdown. */
export async function runDev(
  service: string,
  log: (line: string) => void,
  shutdown: AbortSignal,
): Promise<void> {
  const local = join(process.cwd(), '.local');
  log('Starting Kafka, Postgres and Redis (the first start downloads them) …');
  const directory = join(local, 'dev');
  const downloads = join(local, 'downloads');
  const stack = await startStack({ directory, downloads, fresh: false, log, shutdown });
  const logTail = followLog(stack, service);
  try {
    await runServices(stack, service, log, shutdown);
  } finally {
    await logTail.stop(1_000);
    await stack.stop();
  }
}

async function runServices(
  stack: RunningStack,
  service: string,
  log: (line: string) => void,
  shutdown: AbortSignal,
): Promise<void> {
  const failed = new AbortController();
  const over = AbortSignal.any([stack.shutdown, failed.signal]);
  const supervision = { log, onGivenUp: (reason: Error) => failed.abort(reason) };
  log(`Starting the services; this is the log of ${service}:`);
  await withDevServices(stack, service, supervision, async ({ home, identityProvider }) => {
    writeEndpoints(stack.folders.run, stack, addressesOf({ home }));
    log(addressesText(home).trimEnd());
    log(accountsText(identityProvider.issuer));
    log(`Restarting ${service} on changes. Up until Ctrl-C.`);
    await untilShutdown(over);
    if (!shutdown.aborted) throw over.reason;
  });
}

/** Prints the service's log from this start on. */
function followLog({ folders }: RunningStack, service: string) {
  const file = join(folders.logs, `${administration}-${service}.log`);
  mkdirSync(folders.logs, { recursive: true });
  writeFileSync(file, '');
  return startChild({
    name: 'log-tail',
    command: 'tail',
    args: ['-n', '+1', '-F', file],
    pidFolder: folders.run,
  });
}
