import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Child } from './child-process.ts';
import { writeEndpoints } from './endpoints.ts';
import { startKafka, type DistantDoor } from './kafka.ts';
import { postgresData } from './postgres-home.ts';
import { endPostgresOn } from './postgres-leftovers.ts';
import { startPostgres } from './postgres.ts';
import { endNoted } from './process-identity.ts';
import { startRedis } from './redis.ts';
import { givenServer } from './given-servers.ts';
import { lastWords } from './readiness.ts';
import { secondsSince } from './seconds-since.ts';
import { holdLock } from './stack-lock.ts';

/** Downloads are kept between starts; data only where a start continues an earlier one. */
export type StackFolders = { downloads: string; data: string; logs: string; run: string; fresh: boolean };

export type Endpoints = { kafkaBrokers: string; postgresUrl: string; redisUrl: string };

/** Where a part of the stack starts: its folders, where a line for the reader goes, and what calls it all off. */
export type StackSite = { folders: StackFolders; log: (line: string) => void; ending: AbortSignal };

export type Stack = Endpoints & {
  folders: StackFolders;
  /** Calls off what is still starting on the stack. */
  ending?: AbortSignal;
  stop(): Promise<void>;
};

/** Its ending comes as well when a server of the stack is lost, with the reason. */
export type RunningStack = Stack & { ending: AbortSignal };

export type StackOptions = {
  /** Everything of the stack lives below; a second stack of a clone takes another name. */
  directory: string;
  downloads: string;
  fresh: boolean;
  log: (line: string) => void;
  ending: AbortSignal;
  /** A second door of the broker, for tests that cut the way to it. */
  distant?: DistantDoor;
};

const stopBoundMs = 8_000;

/**
 * Starts Kafka, Postgres and Redis, or takes those whose addresses stand in the environment.
 *
 * @throws Error saying what is missing and the command that mends it, or the ending's reason; nothing is left running
 */
export async function startStack(options: StackOptions): Promise<RunningStack> {
  const folders = prepare(options);
  const lock = holdLock(join(folders.run, 'stack.lock'));
  const parts: Child[] = [];
  const stop = () => stopStack(folders.run, parts).finally(() => lock.release());
  try {
    await clearAway(folders, options.log);
    const endpoints = await startParts({ ...options, folders }, parts);
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
  if (folders.fresh) rmSync(folders.data, { recursive: true, force: true });
}

async function startParts(
  site: StackSite & Pick<StackOptions, 'distant'>,
  parts: Child[],
): Promise<Endpoints> {
  const own = async <T extends { child: Child }>(title: string, starting: Promise<T>): Promise<T> => {
    const startedMs = performance.now();
    const started = await starting;
    parts.push(started.child);
    site.log(`  ${title} ready after ${secondsSince(startedMs)}`);
    return started;
  };
  const redis = async () => (await givenServer('REDIS_URL')) ?? (await own('Redis', startRedis(site))).url;
  const postgres = async () =>
    (await givenServer('POSTGRES_URL')) ?? (await own('Postgres', startPostgres(site))).url;
  const kafka = async () =>
    (await givenServer('KAFKA_BROKERS')) ??
    (await own('Kafka', startKafka(site, { distant: site.distant }))).brokers;
  const [redisUrl, postgresUrl, kafkaBrokers] = await allOrEveryReason([redis(), postgres(), kafka()]);
  return { kafkaBrokers, postgresUrl, redisUrl };
}

/** Waits for all; where some fail, the error names what is wrong with each: a machine may lack several things. */
async function allOrEveryReason<T>(work: readonly [Promise<T>, Promise<T>, Promise<T>]): Promise<[T, T, T]> {
  const all = await Promise.allSettled(work);
  const reasons = all.flatMap((each) => (each.status === 'rejected' ? [each.reason as Error] : []));
  const [first] = reasons;
  if (first === undefined) return Promise.all(work);
  const messages = [...new Set(reasons.map(({ message }) => message))];
  throw messages.length === 1 ? first : new Error(messages.join('\n\n'), { cause: first });
}

/** A server of the stack that ends by itself takes the work with it: what leans on it would only wait. */
async function watch(part: Child, lost: AbortController, log: StackOptions['log']): Promise<void> {
  await part.exited;
  if (lost.signal.aborted) return;
  const words = part.logFile === undefined ? '' : lastWords(readFileSync(part.logFile, 'utf8'));
  lost.abort(new Error(`${part.name} ${part.ending()} while it was needed. The end of its log:\n${words}`));
  log(`${part.name} is gone.`);
}

/** Whatever else is noted here leans on the brokers and has had its time; in the end nothing noted is left. */
async function stopStack(folder: string, parts: Child[]): Promise<void> {
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
