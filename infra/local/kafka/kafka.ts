import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Child } from '../processes/child-process.ts';
import { findJava, type Java } from '../fetch/java.ts';
import { kafkaLibraries } from './kafka-libraries.ts';
import { brokerSettings, clusterId, type DistantDoor, type Doors } from './kafka-settings.ts';
import { choosePort, freePort, withPorts } from '../processes/ports.ts';
import { listening, runToEnd, startReady } from '../processes/readiness.ts';
import type { StackSite } from '../stack-types.ts';

export type { DistantDoor };

const logging = fileURLToPath(new URL('.', import.meta.url));

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
  { distant, ports: given, settings: further = {}, boundMs = 90_000 }: KafkaOptions = {},
): Promise<Started> {
  const java = await findJava(site);
  const libraries = await kafkaLibraries(site, java);
  return withPorts(async () => {
    const ports = given ?? { port: await choosePort('KAFKA_PORT'), controllerPort: await freePort() };
    return startOn({ doors: { ...ports, distant }, further, boundMs }, site, java, libraries);
  });
}

type Broker = { doors: Doors; further: NonNullable<KafkaOptions['settings']>; boundMs: number };

async function startOn(
  { doors, further, boundMs }: Broker,
  site: StackSite,
  java: Java,
  libraries: string,
): Promise<Started> {
  const { folders, ending } = site;
  const data = join(folders.data, 'kafka');
  mkdirSync(data, { recursive: true });
  const properties = join(data, 'server.properties');
  const settings = Object.entries({ ...brokerSettings(join(data, 'logs'), doors), ...further });
  writeFileSync(properties, settings.map(([key, value]) => `${key}=${value}\n`).join(''));
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
    { boundMs, ending },
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
