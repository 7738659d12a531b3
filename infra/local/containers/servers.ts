import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { Part } from '../processes/child-process.ts';
import { checkKafka, checkPostgres, checkRedis } from '../external-servers.ts';
import { brokerSettings, clusterId, type BrokerPorts } from '../kafka/kafka-settings.ts';
import { choosePort, freePort, withPorts } from '../processes/ports.ts';
import type { StackSite, Servers } from '../stack-types.ts';
import { startContainer } from './container-part.ts';
import { connectEngine, type ContainerSpec, type Engine } from './engine.ts';

/** The images of docker-compose.yml; settings of the same names there and here take others. */
export const images = {
  KAFKA_IMAGE: 'apache/kafka:4.1.1',
  POSTGRES_IMAGE: 'postgres:18.1',
  REDIS_IMAGE: 'redis:8.2',
};

const startBoundMs = 60_000;

/**
 * Kafka, Postgres and Redis as containers of the engine that answers. Their data are removed with them.
 *
 * @throws Error with the commands that mend it when no engine answers
 */
export async function containerServers(site: StackSite): Promise<Servers> {
  const engine = await connectEngine();
  const owner = resolve(site.folders.run);
  const left = await engine.removeOwned(owner);
  if (left > 0) site.log(`Removed ${left} containers, left over from a start that was killed.`);
  return serversOn(engine, owner, site);
}

/** The three servers on an engine. */
export function serversOn(engine: Engine, owner: string, { folders, shutdown }: StackSite): Servers {
  const start = (spec: ContainerSpec, answers: () => Promise<void>): Promise<Part> => {
    const logFile = join(folders.logs, `${spec.name}.log`);
    return startContainer({ engine, owner, logFile, shutdown }, spec, answers, startBoundMs);
  };
  return {
    redis: () =>
      withPorts(async () => {
        const port = await choosePort('REDIS_PORT');
        const address = `redis://127.0.0.1:${port}`;
        return { address, part: await start(redisContainer(port), () => checkRedis(address)) };
      }),
    postgres: () =>
      withPorts(async () => {
        const port = await choosePort('POSTGRES_PORT');
        const password = randomBytes(16).toString('hex');
        const address = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
        const spec = postgresContainer(port, password);
        return { address, part: await start(spec, () => checkPostgres(address)) };
      }),
    kafka: (distant) =>
      withPorts(async () => {
        const port = await choosePort('KAFKA_PORT');
        const address = `127.0.0.1:${port}`;
        const spec = kafkaContainer({ port, controllerPort: await freePort(), distant });
        return { address, part: await start(spec, () => checkKafka(address)) };
      }),
  };
}

/** Without persistence: it is a cache. Its port is published on the loopback only, which it cannot see from within. */
function redisContainer(port: number): ContainerSpec {
  const command = [
    'redis-server',
    '--port',
    String(port),
    '--save',
    '',
    '--appendonly',
    'no',
    '--protected-mode',
    'no',
  ];
  return { name: 'redis', image: imageOf('REDIS_IMAGE'), command, env: {}, ports: [port] };
}

function postgresContainer(port: number, password: string): ContainerSpec {
  const flags = [`port=${port}`, 'max_connections=200', 'shared_buffers=256MB', 'timezone=UTC'];
  return {
    name: 'postgres',
    image: imageOf('POSTGRES_IMAGE'),
    ports: [port],
    command: ['postgres', ...flags.flatMap((flag) => ['-c', flag])],
    env: { POSTGRES_PASSWORD: password, POSTGRES_INITDB_ARGS: '--encoding=UTF8 --locale=C' },
  };
}

/** The image takes each setting of the broker as a variable: `log.dirs` as `KAFKA_LOG_DIRS`. */
function kafkaContainer(doors: BrokerPorts): ContainerSpec {
  const settings = brokerSettings('/var/lib/kafka/data', doors, '0.0.0.0');
  const env = Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      `KAFKA_${name.replaceAll('.', '_').toUpperCase()}`,
      String(value),
    ]),
  );
  return {
    name: 'kafka',
    image: imageOf('KAFKA_IMAGE'),
    command: [],
    env: { ...env, CLUSTER_ID: clusterId(), KAFKA_HEAP_OPTS: '-Xms256m -Xmx512m' },
    ports: [doors.port, ...(doors.distant === undefined ? [] : [doors.distant.listens])],
  };
}

function imageOf(setting: keyof typeof images): string {
  const image = process.env[setting] ?? '';
  return image === '' ? images[setting] : image;
}
