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

/** An engine in which nothing runs; each container prints a line, and ends when it is told to. */
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
const site = (engine: Engine, ending = new AbortController().signal) => ({
  engine,
  owner: 'us',
  ending,
  logFile: join(folder, 'redis.log'),
});

test('a container that answers is a part of the stack until it is stopped, and tells when it ends', async () => {
  const engine = memoryEngine();
  const part = await startContainer(site(engine), spec, () => Promise.resolve(), 5_000);
  expect(part.ending()).toBeUndefined();
  engine.end(137);
  await part.exited;
  expect(part.ending()).toBe('ended with 137');
  await part.stop(1_000);
  expect(engine.removed).toEqual(['redis']);
});

test('a container that ends instead of answering is told with its last words and removed', async () => {
  const engine = memoryEngine();
  const never = () => Promise.reject(new Error('refused'));
  engine.end(1);
  await expect(startContainer(site(engine), spec, never, 5_000)).rejects.toThrow(
    /redis did not start \(ended with 1\)\. The end of its log:\nredis says no/,
  );
  expect(engine.removed).toEqual(['redis']);
});

test('a start that is called off while an image comes starts no container', async () => {
  const ending = new AbortController();
  const engine = { ...memoryEngine(), pull: () => new Promise<void>(() => undefined) };
  const starting = startContainer(site(engine, ending.signal), spec, () => Promise.resolve(), 5_000);
  ending.abort(new Error('stopped by SIGINT'));
  await expect(starting).rejects.toThrow('stopped by SIGINT');
  expect(engine.ran).toEqual([]);
});

test('each server listens where its clients come, Kafka at both its doors', async () => {
  const engine = memoryEngine();
  const folders = { downloads: folder, data: folder, logs: folder, run: folder, fresh: true };
  const ending = new AbortController();
  const stackSite: StackSite = { folders, log: () => undefined, ending: ending.signal };
  const servers = serversOn(engine, 'us', stackSite);
  const starting = [
    servers.redis(),
    servers.postgres(),
    servers.kafka({ listens: 4_001, advertised: 4_002 }),
  ];
  await expect.poll(() => engine.ran.length).toBe(3);
  ending.abort(new Error('seen enough'));
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

test('where no engine answers, the reason is told with the command that mends it, and that none is needed', async () => {
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
