import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Child } from './child-process.ts';
import { findJava, type Java } from './java.ts';
import { kafkaLibraries } from './kafka-libraries.ts';
import { choosePort, freePort, withPorts } from './ports.ts';
import { listening, runToEnd, startReady } from './readiness.ts';
import type { StackSite } from './stack.ts';

const logging = fileURLToPath(new URL('./kafka', import.meta.url));

/**
 * A second door of the broker: it listens on one port and tells clients to come to another, where a test stands
 * between the two and cuts the way.
 */
export type DistantDoor = { listens: number; advertised: number };

export type KafkaOptions = {
  distant?: DistantDoor | undefined;
  /** Chosen unless given: a broker that starts again on its data is looked for where it was. */
  ports?: { port: number; controllerPort: number };
  /** Broker settings beyond ours, or other than they. */
  settings?: Readonly<Record<string, string | number>>;
  /** How long the start may take: one on the data of a broker that was killed looks through them first. */
  boundMs?: number;
};

type Started = { brokers: string; child: Child; ports: NonNullable<KafkaOptions['ports']> };

/** Starts one Apache Kafka broker in KRaft mode from its Maven artifacts. */
export async function startKafka(
  site: StackSite,
  { distant, ports: given, settings: further = {}, boundMs = 25_000 }: KafkaOptions = {},
): Promise<Started> {
  const java = await findJava(site);
  const libraries = await kafkaLibraries(site, java);
  return withPorts(async () => {
    const ports = given ?? { port: await choosePort('KAFKA_PORT'), controllerPort: await freePort() };
    return startOn({ ...ports, distant, further, boundMs }, site, java, libraries);
  });
}

async function startOn(doors: Doors, site: StackSite, java: Java, libraries: string): Promise<Started> {
  const { folders, ending } = site;
  const data = join(folders.data, 'kafka');
  mkdirSync(data, { recursive: true });
  const properties = join(data, 'server.properties');
  writeFileSync(properties, settings(join(data, 'logs'), doors));
  const classes = ['-cp', `${logging}:${libraries}/*`];
  if (!existsSync(join(data, 'logs', 'meta.properties'))) await format(site, java, classes, properties);
  const child = await startReady(
    {
      name: 'kafka',
      command: java.command,
      args: ['-Xmx512m', '-Xms256m', '-XX:+UseSerialGC', ...classes, 'kafka.Kafka', properties],
      env: java.env,
      logFile: join(folders.logs, 'kafka.log'),
      pidFolder: folders.run,
    },
    listening(doors.port),
    { boundMs: doors.boundMs, ending },
  );
  const { port, controllerPort } = doors;
  return { brokers: `127.0.0.1:${port}`, child, ports: { port, controllerPort } };
}

async function format(
  { folders, ending }: StackSite,
  { command, env }: Java,
  classes: string[],
  properties: string,
): Promise<void> {
  const args = [...classes, 'kafka.tools.StorageTool', 'format', '-t', clusterId(), '-c', properties];
  const logFile = join(folders.logs, 'kafka-format.log');
  const options = { name: 'kafka-format', command, args, env, logFile, pidFolder: folders.run };
  const outcome = await runToEnd(options, ending);
  if (outcome.kind === 'done') return;
  const why = outcome.kind === 'failed' ? outcome.why : `${command} is not on this machine.`;
  throw new Error(`Kafka's storage cannot be made: ${why}`);
}

/** What `StorageTool random-uuid` prints: 16 bytes in 22 letters, the first of which must not read as an option. */
function clusterId(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  return bytes.toString('base64url');
}

type Doors = Started['ports'] & {
  distant: DistantDoor | undefined;
  further: NonNullable<KafkaOptions['settings']>;
  boundMs: number;
};

function settings(logs: string, { port, controllerPort, distant, further }: Doors): string {
  const at = (name: string, atPort: number | undefined) =>
    atPort === undefined ? '' : `,${name}://127.0.0.1:${atPort}`;
  return Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}${at('DISTANT', distant?.listens)}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}${at('DISTANT', distant?.advertised)}`,
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,DISTANT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': logs,
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'group.initial.rebalance.delay.ms': 0,
    'log.cleaner.dedupe.buffer.size': 16_777_216,
    ...further,
  })
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}
