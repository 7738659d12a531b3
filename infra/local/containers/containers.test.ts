import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { StackSite } from '../stack-types.ts';
import { startContainer } from './container-part.ts';
import { noEngine, type ContainerSpec, type Engine } from './engine.ts';
import { images, serversOn } from './servers.ts';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'containers-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** An engine in which nothing runs; each container prints a line, and ends when the test ends it. */
function memoryEngine(): Engine & { ran: ContainerSpec[]; removed: string[]; end: (code: number) => void } {
  const ran: ContainerSpec[] = [];
  const removed: string[] = [];
  const ended = Promise.withResolvers<number>();
  return {
    ran,
    removed,
    end: ended.resolve,
    pull: () => Promise.resolve(),
    run: (spec) => {
      ran.push(spec);
      const logs = new PassThrough();
      logs.end(`${spec.name} says no\n`);
      return Promise.resolve({
        logs,
        ended: ended.promise,
        remove: () => Promise.resolve(void removed.push(spec.name)),
      });
    },
    removeOwned: () => Promise.resolve(0),
  };
}

const spec: ContainerSpec = { name: 'redis', image: 'redis:8.2', command: [], env: {}, ports: [6379] };
const site = (engine: Engine, shutdown = new AbortController().signal) => ({
  engine,
  owner: 'us',
  shutdown,
  logFile: join(folder, 'redis.log'),
});

test('a container that answers is a part of the stack until it is stopped, and reports its exit code', async () => {
  const engine = memoryEngine();
  const part = await startContainer(site(engine), spec, () => Promise.resolve(), 5_000);
  expect(part.exitReason()).toBeUndefined();
  engine.end(137);
  await part.exited;
  expect(part.exitReason()).toBe('ended with 137');
  await part.stop(1_000);
  expect(engine.removed).toEqual(['redis']);
});

test('a container that ends before it answers is removed, and the error quotes the end of its log', async () => {
  const engine = memoryEngine();
  const never = () => Promise.reject(new Error('refused'));
  engine.end(1);
  await expect(startContainer(site(engine), spec, never, 5_000)).rejects.toThrow(
    /redis did not start \(ended with 1\)\. The end of its log:\nredis says no/,
  );
  expect(engine.removed).toEqual(['redis']);
});

test('a start that is cancelled while an image is pulled starts no container', async () => {
  const shutdown = new AbortController();
  const engine = { ...memoryEngine(), pull: () => new Promise<void>(() => undefined) };
  const starting = startContainer(site(engine, shutdown.signal), spec, () => Promise.resolve(), 5_000);
  shutdown.abort(new Error('stopped by SIGINT'));
  await expect(starting).rejects.toThrow('stopped by SIGINT');
  expect(engine.ran).toEqual([]);
});

test('each container publishes the ports that its clients use, Kafka both its listeners', async () => {
  const engine = memoryEngine();
  const folders = { downloads: folder, data: folder, logs: folder, run: folder, fresh: true };
  const shutdown = new AbortController();
  const stackSite: StackSite = { folders, log: () => undefined, shutdown: shutdown.signal };
  const servers = serversOn(engine, 'us', stackSite);
  const starting = [
    servers.redis(),
    servers.postgres(),
    servers.kafka({ listens: 4_001, advertised: 4_002 }),
  ];
  await expect.poll(() => engine.ran.length).toBe(3);
  shutdown.abort(new Error('seen enough'));
  await Promise.allSettled(starting);
  expect(engine.removed.toSorted()).toEqual(['kafka', 'postgres', 'redis']);
  const by = Object.fromEntries(engine.ran.map((each) => [each.name, each]));
  expect(by['redis']?.command.slice(0, 3)).toEqual(['redis-server', '--port', String(by['redis']?.ports[0])]);
  expect(by['postgres']?.command).toContain(`port=${by['postgres']?.ports[0]}`);
  expect(by['postgres']?.env['POSTGRES_PASSWORD']).toMatch(/^[0-9a-f]{32}$/);
  const [port, listens] = by['kafka']?.ports ?? [];
  expect(listens).toBe(4_001);
  expect(by['kafka']?.env).toMatchObject({
    KAFKA_PROCESS_ROLES: 'broker,controller',
    KAFKA_LISTENERS: expect.stringMatching(
      new RegExp(`^PLAINTEXT://0\\.0\\.0\\.0:${port},CONTROLLER://.*,DISTANT://0\\.0\\.0\\.0:4001$`),
    ) as string,
    KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${port},DISTANT://127.0.0.1:4002`,
    KAFKA_LOG_DIRS: '/var/lib/kafka/data',
  });
});

test('the images are those of docker-compose.yml', () => {
  const compose = readFileSync('docker-compose.yml', 'utf8');
  for (const image of Object.values(images)) expect(compose).toMatch(new RegExp(`image: .*\\b${image}`));
});

test('the error for an engine that does not answer names the reason, the command that mends it and the start without one', async () => {
  const absent = await noEngine('', join(folder, 'no.sock'));
  expect(absent).toMatch(
    /^No container engine answers here: there is no .*: apt-get update && apt-get install -y docker\.io\. The default needs no engine: npm start$/,
  );
  const left = join(folder, 'left.sock');
  const server = createServer().listen(left);
  expect(await noEngine('', left)).toContain('docker info.');
  await new Promise((resolve) => server.close(resolve));
  expect(await noEngine('tcp://127.0.0.1:1')).toMatch(
    /answers at DOCKER_HOST=tcp:\/\/127\.0\.0\.1:1\..*docker info/,
  );
});
