import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Part } from './processes/child-process.ts';
import { writeEndpoints } from './endpoints.ts';
import type { DistantDoor } from './kafka/kafka-settings.ts';
import { postgresData } from './postgres/postgres-home.ts';
import { endPostgresOn } from './postgres/postgres-leftovers.ts';
import { endNoted } from './processes/process-identity.ts';
import { lastLogWords } from './processes/readiness.ts';
import { holdLock } from './stack-lock.ts';
import { startServers, takeStackKind } from './stack-servers.ts';
import type { Stack, StackFolders, StackKind } from './stack-types.ts';

/** Its ending comes as well when a server of the stack is lost, with the reason. */
export type RunningStack = Stack & { ending: AbortSignal };

export type StackOptions = {
  /** Everything of the stack lives below; a second stack of a clone takes another name. */
  directory: string;
  downloads: string;
  fresh: boolean;
  log: (line: string) => void;
  ending: AbortSignal;
  /** Where it is not said, the setting `STACK` says. */
  kind?: StackKind;
  /** A second door of the broker, for tests that cut the way to it. */
  distant?: DistantDoor;
};

const stopBoundMs = 8_000;

/**
 * Starts Kafka, Postgres and Redis as programs or in containers, or takes those whose addresses stand in the environment.
 *
 * @throws Error saying what is missing and the command that mends it, or the ending's reason; nothing is left running
 */
export async function startStack(options: StackOptions): Promise<RunningStack> {
  const { kind } = takeStackKind([]);
  const folders = prepare(options);
  const lock = holdLock(join(folders.run, 'stack.lock'));
  const parts: Part[] = [];
  const stop = () => stopStack(folders.run, parts).finally(() => lock.release());
  try {
    await clearAway(folders, options.log);
    const endpoints = await startServers({ ...options, folders }, { kind, ...options }, parts);
    writeEndpoints(folders.run, endpoints);
    const lost = new AbortController();
    for (const part of parts) void watch(part, lost, options.log);
    const ending = AbortSignal.any([options.ending, lost.signal]);
    return { ...endpoints, folders, ending, stop: () => (lost.abort(), stop()) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Ends what a killed start left, and removes its data unless this start continues on them. */
async function clearAway(folders: StackFolders, log: StackOptions['log']): Promise<void> {
  for (const name of await endNoted(folders.run))
    log(`Ended ${name}, left over from a start that was killed.`);
  await endPostgresOn(postgresData(folders));
  if (folders.fresh) emptyFolder(folders.data);
}

/** The folder itself stays: it may be a disk of its own. */
function emptyFolder(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
}

/** A server of the stack that ends by itself takes the work with it: what leans on it would only wait. */
async function watch(part: Part, lost: AbortController, log: StackOptions['log']): Promise<void> {
  await part.exited;
  if (lost.signal.aborted) return;
  lost.abort(new Error(`${part.name} ${part.ending()} while it was needed.${lastLogWords(part)}`));
  log(`${part.name} is gone.`);
}

/** Whatever else is noted here leans on the brokers and has had its time; in the end nothing noted is left. */
async function stopStack(folder: string, parts: Part[]): Promise<void> {
  await endNoted(folder, { except: parts.map(({ name }) => name) });
  await Promise.allSettled(parts.map((part) => part.stop(stopBoundMs)));
  await endNoted(folder);
}

function prepare(options: StackOptions): StackFolders {
  const below = (name: string) => join(options.directory, name);
  const folders = {
    downloads: options.downloads,
    data: below('data'),
    logs: below('logs'),
    run: below('run'),
    fresh: options.fresh,
  };
  for (const folder of [folders.downloads, folders.logs, folders.run]) mkdirSync(folder, { recursive: true });
  return folders;
}
