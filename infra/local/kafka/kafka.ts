import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Child } from '../processes/child-process.ts';
import { findJava, type Java } from '../fetch/java.ts';
import { kafkaLibraries } from './kafka-libraries.ts';
import { brokerSettings, clusterId, type ProxiedListener, type BrokerPorts } from './kafka-settings.ts';
import { choosePort, freePort, withPorts } from '../processes/ports.ts';
import { listening, runToEnd, startReady } from '../processes/readiness.ts';
import type { StackSite, StartedServer } from '../stack-types.ts';

export type { ProxiedListener };

const logging = fileURLToPath(new URL('.', import.meta.url));

export type KafkaOptions = {
  distant?: ProxiedListener | undefined;
  /** Chosen where absent; a broker that is restarted on its data keeps its ports. */
  ports?: { port: number; controllerPort: number };
  /** Broker settings that are added to ours or replace them. */
  settings?: Readonly<Record<string, string | number>>;
  /** How long the start may take: the data of a killed broker are recovered first. */
  boundMs?: number;
};

/** Starts one Apache Kafka broker in KRaft mode from its Maven artifacts. */
export async function startKafka(
  site: StackSite,
  { distant, ports: fixed, settings: extra = {}, boundMs = 90_000 }: KafkaOptions = {},
): Promise<StartedServer<Child>> {
  const java = await findJava(site);
  const libraries = await kafkaLibraries(site, java);
  return withPorts(async () => {
    const ports = fixed ?? { port: await choosePort('KAFKA_PORT'), controllerPort: await freePort() };
    return startOn({ doors: { ...ports, distant }, extra, boundMs }, site, java, libraries);
  });
}

type Broker = { doors: BrokerPorts; extra: NonNullable<KafkaOptions['settings']>; boundMs: number };

async function startOn(
  { doors, extra, boundMs }: Broker,
  site: StackSite,
  java: Java,
  libraries: string,
): Promise<StartedServer<Child>> {
  const { folders, shutdown } = site;
  const data = join(folders.data, 'kafka');
  mkdirSync(data, { recursive: true });
  const properties = join(data, 'server.properties');
  const settings = Object.entries({ ...brokerSettings(join(data, 'logs'), doors), ...extra });
  writeFileSync(properties, settings.map(([key, value]) => `${key}=${value}\n`).join(''));
  const classes = ['-cp', `${logging}:${libraries}/*`];
  if (!existsSync(join(data, 'logs', 'meta.properties'))) await format(site, java, classes, properties);
  const part = await startReady(
    {
      name: 'kafka',
      command: java.command,
      args: ['-Xmx512m', '-Xms256m', '-XX:+UseSerialGC', ...classes, 'kafka.Kafka', properties],
      env: java.env,
      logFile: join(folders.logs, 'kafka.log'),
      pidFolder: folders.run,
    },
    listening(doors.port),
    { boundMs, shutdown },
  );
  return { address: `127.0.0.1:${doors.port}`, part };
}

async function format(
  { folders, shutdown }: StackSite,
  { command, env }: Java,
  classes: string[],
  properties: string,
): Promise<void> {
  const args = [...classes, 'kafka.tools.StorageTool', 'format', '-t', clusterId(), '-c', properties];
  const logFile = join(folders.logs, 'kafka-format.log');
  const options = { name: 'kafka-format', command, args, env, logFile, pidFolder: folders.run };
  const outcome = await runToEnd(options, shutdown);
  if (outcome.kind === 'done') return;
  const why = outcome.kind === 'failed' ? outcome.why : `${command} is not on this machine.`;
  throw new Error(`Kafka's storage cannot be made: ${why}`);
}
