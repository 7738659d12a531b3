import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Child } from './child-process.ts';
import { aptInstall } from './debian-packages.ts';
import { findJava, type Java } from './java.ts';
import { freePort } from './ports.ts';
import { listening, runToEnd, startReady } from './readiness.ts';
import { secondsSince } from './seconds-since.ts';
import type { StackSite } from './stack.ts';

const pom = fileURLToPath(new URL('./kafka/pom.xml', import.meta.url));
const logging = fileURLToPath(new URL('./kafka', import.meta.url));

/**
 * A second door of the broker: it listens on one port and tells clients to come to another, where a test stands
 * between the two and cuts the way.
 */
export type DistantDoor = { listens: number; advertised: number };

/** Starts one Apache Kafka broker in KRaft mode from its Maven artifacts. */
export async function startKafka(
  site: StackSite,
  distant?: DistantDoor,
): Promise<{ brokers: string; child: Child }> {
  const { folders, ending } = site;
  const java = await findJava(site);
  const libraries = await kafkaLibraries(site, java);
  const [port, controllerPort] = [await freePort(), await freePort()];
  const data = join(folders.data, 'kafka');
  mkdirSync(data, { recursive: true });
  const properties = join(data, 'server.properties');
  writeFileSync(properties, settings(join(data, 'logs'), { port, controllerPort, distant }));
  const classes = ['-cp', `${logging}:${libraries}/*`];
  if (!existsSync(join(data, 'logs', 'meta.properties'))) await format(site, java, classes, properties);
  const child = await startReady(
    {
      name: 'kafka',
      command: java.command,
      args: ['-Xmx512m', '-Xms256m', '-XX:+UseSerialGC', ...classes, 'kafka.Kafka', properties],
      logFile: join(folders.logs, 'kafka.log'),
      pidFolder: folders.run,
    },
    () => listening(port),
    { boundMs: 25_000, ending },
  );
  return { brokers: `127.0.0.1:${port}`, child };
}

/** Fetches the jars once; the stamp is written last, so that a broken download is fetched again. */
async function kafkaLibraries({ folders, log, ending }: StackSite, { home }: Java): Promise<string> {
  const folder = join(folders.downloads, 'kafka', 'libs');
  const stamp = join(folders.downloads, 'kafka', '.complete');
  if (existsSync(stamp)) return folder;
  const startedMs = performance.now();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const args = ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${folder}`];
  const env = home === undefined ? {} : { JAVA_HOME: home };
  const logFile = join(folders.logs, 'fetch-kafka.log');
  const outcome = await runToEnd(
    { ...{ name: 'fetch-kafka', command: 'mvn', args, env, logFile }, pidFolder: folders.run },
    ending,
  );
  if (outcome.kind === 'absent')
    throw new Error(
      `Maven fetches Kafka and is not on this machine. Install it as root: ${aptInstall('maven')}`,
    );
  if (outcome.kind === 'failed') {
    const again = [...(home === undefined ? [] : [`JAVA_HOME=${home}`]), 'mvn', ...args].join(' ');
    throw new Error(`Kafka cannot be fetched; try: ${again}\n${outcome.why}`);
  }
  writeFileSync(stamp, '');
  log(`  Kafka fetched in ${secondsSince(startedMs)}`);
  return folder;
}

async function format(
  { folders, ending }: StackSite,
  { command }: Java,
  classes: string[],
  properties: string,
): Promise<void> {
  const args = [...classes, 'kafka.tools.StorageTool', 'format', '-t', clusterId(), '-c', properties];
  const logFile = join(folders.logs, 'kafka-format.log');
  const options = { name: 'kafka-format', command, args, logFile, pidFolder: folders.run };
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

type Doors = { port: number; controllerPort: number; distant: DistantDoor | undefined };

function settings(logs: string, { port, controllerPort, distant }: Doors): string {
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
  })
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}
