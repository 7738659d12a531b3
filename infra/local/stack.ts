import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Part } from './processes/child-process.ts';
import { writeEndpoints } from './endpoints.ts';
import type { ProxiedListener } from './kafka/kafka-settings.ts';
import { postgresData } from './postgres/postgres-home.ts';
import { killPostgresOn } from './postgres/postgres-processes.ts';
import { killRecordedProcesses } from './processes/pid-files.ts';
import { logTail } from './processes/readiness.ts';
import { acquireLock } from './stack-lock.ts';
import { startServers, takeStackKind } from './stack-servers.ts';
import type { Stack, StackFolders, StackKind } from './stack-types.ts';

/** Its shutdown is also triggered when a server of the stack ends, with the reason. */
export type RunningStack = Stack & { shutdown: AbortSignal };

export type StackOptions = {
  /** The folder of this stack; a second stack of a clone needs another one. */
  directory: string;
  downloads: string;
  fresh: boolean;
  log: (line: string) => void;
  shutdown: AbortSignal;
  /** By default what the environment variable `STACK` names. */
  kind?: StackKind;
  /** A second listener of the broker, for tests that cut the connection to it. */
  distant?: ProxiedListener;
};

const stopBoundMs = 8_000;

/**
 * Starts Kafka, Postgres and Redis as programs or in containers, or uses those whose addresses the environment names.
 *
 * @throws Error naming what is missing and the command that mends it, or the shutdown's reason; nothing keeps running
 */
export async function startStack(options: StackOptions): Promise<RunningStack> {
  const { kind } = takeStackKind([]);
  const folders = prepare(options);
  const lock = acquireLock(join(folders.run, 'stack.lock'));
  const parts: Part[] = [];
  const stop = () => stopStack(folders.run, parts).finally(() => lock.release());
  try {
    await cleanUpEarlierStart(folders, options.log);
    const endpoints = await startServers({ ...options, folders }, { kind, ...options }, parts);
    writeEndpoints(folders.run, endpoints);
    const lost = new AbortController();
    for (const part of parts) void abortWhenLost(part, lost, options.log);
    const shutdown = AbortSignal.any([options.shutdown, lost.signal]);
    return { ...endpoints, folders, shutdown, stop: () => (lost.abort(), stop()) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Ends the processes of a killed start, and removes its data unless this start continues on them. */
async function cleanUpEarlierStart(folders: StackFolders, log: StackOptions['log']): Promise<void> {
  for (const name of await killRecordedProcesses(folders.run))
    log(`Ended ${name}, left over from a start that was killed.`);
  await killPostgresOn(postgresData(folders));
  if (folders.fresh) emptyFolder(folders.data);
}

/** The folder itself stays: it may be a mount point. */
function emptyFolder(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
}

/** When a server of the stack ends unexpectedly the run ends as well: its clients would only wait. */
async function abortWhenLost(part: Part, lost: AbortController, log: StackOptions['log']): Promise<void> {
  await part.exited;
  if (lost.signal.aborted) return;
  lost.abort(new Error(`${part.name} ${part.exitReason()} while it was needed.${logTail(part)}`));
  log(`${part.name} is gone.`);
}

/** Other recorded processes depend on the servers, so they end first; at the end no recorded process is left. */
async function stopStack(folder: string, parts: Part[]): Promise<void> {
  await killRecordedProcesses(folder, { except: parts.map(({ name }) => name) });
  await Promise.allSettled(parts.map((part) => part.stop(stopBoundMs)));
  await killRecordedProcesses(folder);
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
