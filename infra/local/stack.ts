import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Child } from './child-process.ts';
import { startKafka } from './kafka.ts';
import { startPostgres } from './postgres.ts';
import { endOrphans } from './process-identity.ts';
import { startRedis } from './redis.ts';
import { holdLock } from './stack-lock.ts';

/** Downloads are kept between starts; data only where a start continues an earlier one. */
export type StackFolders = { downloads: string; data: string; logs: string; run: string; fresh: boolean };

export type Endpoints = { kafkaBrokers: string; postgresUrl: string; redisUrl: string };

export type Stack = Endpoints & { folders: StackFolders; stop(): Promise<void> };

export type StackOptions = {
  /** Everything of the stack lives below; a second stack of a clone takes another name. */
  directory: string;
  downloads: string;
  fresh: boolean;
  log(line: string): void;
};

/**
 * Starts Kafka, Postgres and Redis, or takes those whose addresses stand in the environment.
 *
 * @throws Error saying what is missing and the command that mends it; nothing is left running
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const folders = prepare(options);
  const lock = holdLock(join(folders.run, 'stack.lock'));
  for (const name of endOrphans(folders.run))
    options.log(`Ended ${name}, left over from a start that was killed.`);
  if (options.fresh) rmSync(folders.data, { recursive: true, force: true });
  const children: Child[] = [];
  const stop = async () => {
    for (const child of children.reverse()) await child.stop(8_000);
    lock.release();
  };
  const own = async <T extends { child: Child }>(starting: Promise<T>): Promise<T> => {
    const started = await starting;
    children.push(started.child);
    return started;
  };
  const env = process.env;
  const [redis, postgres, kafka] = await Promise.allSettled([
    env['REDIS_URL'] ?? own(startRedis(folders)).then(({ url }) => url),
    env['POSTGRES_URL'] ?? own(startPostgres(folders)).then(({ url }) => url),
    env['KAFKA_BROKERS'] ?? own(startKafka(folders)).then(({ brokers }) => brokers),
  ]);
  const failed = [redis, postgres, kafka].find((part) => part.status === 'rejected');
  if (redis.status === 'rejected' || postgres.status === 'rejected' || kafka.status === 'rejected') {
    await stop();
    throw failed?.reason;
  }
  const endpoints = { kafkaBrokers: kafka.value, postgresUrl: postgres.value, redisUrl: redis.value };
  writeFileSync(join(folders.run, 'endpoints.json'), `${JSON.stringify(endpoints, null, 2)}\n`);
  return { ...endpoints, folders, stop };
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
