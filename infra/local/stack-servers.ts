import type { Part } from './processes/child-process.ts';
import { containerServers } from './containers/servers.ts';
import { externalServer, type ServerSetting } from './external-servers.ts';
import type { ProxiedListener } from './kafka/kafka-settings.ts';
import { startKafka } from './kafka/kafka.ts';
import { startPostgres } from './postgres/postgres.ts';
import { startRedis } from './redis/redis.ts';
import { secondsSince } from './processes/seconds-since.ts';
import type { Endpoints, Servers, StackKind, StackSite, StartedServer } from './stack-types.ts';

/**
 * Takes `--stack KIND` out of a command line; without it the environment variable `STACK` decides, else it is `local`.
 *
 * @throws Error naming the possible kinds
 */
export function takeStackKind(args: readonly string[]): { kind: StackKind; rest: string[] } {
  const at = args.findIndex((each) => each === '--stack' || each.startsWith('--stack='));
  const joined = args[at]?.startsWith('--stack=') === true;
  const text = at < 0 ? (process.env['STACK'] ?? '') : ((joined ? args[at]?.slice(8) : args[at + 1]) ?? '');
  const rest = at < 0 ? [...args] : args.toSpliced(at, joined ? 1 : 2);
  if (text === 'docker' || text === 'local') return { kind: text, rest };
  if (at < 0 && text === '') return { kind: 'local', rest };
  throw new Error(`--stack takes local (programs of this machine) or docker (containers), not "${text}"`);
}

function localServers(site: StackSite): Servers {
  return {
    redis: () => startRedis(site),
    postgres: () => startPostgres(site),
    kafka: (distant) => startKafka(site, { distant }),
  };
}

/**
 * Uses the servers whose addresses the environment names and starts the others.
 *
 * @param parts receives each server as soon as it is up, so that it can be stopped when another one fails
 * @throws Error naming every problem, each with the command that mends it
 */
export async function startServers(
  site: StackSite,
  { kind, distant }: { kind: StackKind; distant?: ProxiedListener | undefined },
  parts: Part[],
): Promise<Endpoints> {
  const servers = kind === 'docker' ? await containerServers(site) : localServers(site);
  const own = async (title: string, setting: ServerSetting, start: () => Promise<StartedServer>) => {
    const external = await externalServer(setting);
    if (external !== undefined) return external;
    const startedMs = performance.now();
    const { address, part } = await start();
    parts.push(part);
    site.log(`  ${title} ready after ${secondsSince(startedMs)}`);
    return address;
  };
  const [redisUrl, postgresUrl, kafkaBrokers] = await allOrAllReasons([
    own('Redis', 'REDIS_URL', servers.redis),
    own('Postgres', 'POSTGRES_URL', servers.postgres),
    own('Kafka', 'KAFKA_BROKERS', () => servers.kafka(distant)),
  ]);
  return { kafkaBrokers, postgresUrl, redisUrl };
}

/** Waits for all; the error names every failure, since a machine may lack several things. */
async function allOrAllReasons<T>(work: readonly [Promise<T>, Promise<T>, Promise<T>]): Promise<[T, T, T]> {
  const all = await Promise.allSettled(work);
  const reasons = all.flatMap((each) => (each.status === 'rejected' ? [each.reason as Error] : []));
  const [first] = reasons;
  if (first === undefined) return Promise.all(work);
  const messages = [...new Set(reasons.map(({ message }) => message))];
  throw messages.length === 1 ? first : new Error(messages.join('\n\n'), { cause: first });
}
