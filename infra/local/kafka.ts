import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, startChild, untilListening, type Child } from './child-process.ts';
import { javaCommand } from './java.ts';
import type { StackFolders } from './stack.ts';

const pom = fileURLToPath(new URL('./kafka/pom.xml', import.meta.url));
const logging = fileURLToPath(new URL('./kafka', import.meta.url));

/** Starts one Apache Kafka broker in KRaft mode from its Maven artifacts. */
export async function startKafka(folders: StackFolders): Promise<{ brokers: string; child: Child }> {
  const libraries = kafkaLibraries(folders.downloads);
  const java = javaCommand(folders.downloads);
  const [port, controllerPort] = [await freePort(), await freePort()];
  const data = join(folders.data, 'kafka');
  mkdirSync(data, { recursive: true });
  const properties = join(data, 'server.properties');
  writeFileSync(properties, settings(join(data, 'logs'), port, controllerPort));
  const classes = ['-cp', `${logging}:${libraries}/*`];
  if (!existsSync(join(data, 'logs', 'meta.properties'))) format(java, classes, properties);
  const child = startChild({
    name: 'kafka',
    command: java,
    args: ['-Xmx512m', '-Xms256m', '-XX:+UseSerialGC', ...classes, 'kafka.Kafka', properties],
    logFile: join(folders.logs, 'kafka.log'),
    pidFolder: folders.run,
  });
  await untilListening(child, port, 25_000);
  return { brokers: `127.0.0.1:${port}`, child };
}

/** Fetches the jars once; the stamp is written last, so that a broken download is fetched again. */
function kafkaLibraries(downloads: string): string {
  const folder = join(downloads, 'kafka', 'libs');
  const stamp = join(downloads, 'kafka', '.complete');
  if (existsSync(stamp)) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const args = ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${folder}`];
  const result = spawnSync('mvn', args, { encoding: 'utf8' });
  const again = `mvn ${args.join(' ')}`;
  if (result.error) throw new Error('Maven fetches Kafka and is not here. Install it: apt-get install maven');
  if (result.status !== 0)
    throw new Error(`Fetching Kafka failed; try: ${again}\n${result.stdout}${result.stderr}`);
  writeFileSync(stamp, '');
  return folder;
}

function format(java: string, classes: string[], properties: string): void {
  const uuid = spawnSync(java, [...classes, 'kafka.tools.StorageTool', 'random-uuid'], { encoding: 'utf8' });
  const id = uuid.stdout.trim().split('\n').at(-1) ?? '';
  const args = [...classes, 'kafka.tools.StorageTool', 'format', '-t', id, '-c', properties];
  const result = spawnSync(java, args, { encoding: 'utf8' });
  if (result.status !== 0)
    throw new Error(`Kafka's storage cannot be made: ${result.stdout}${result.stderr}`);
}

function settings(logs: string, port: number, controllerPort: number): string {
  return Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
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
