import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { givenServer, type GivenSetting } from './given-servers.ts';

const settings: GivenSetting[] = ['KAFKA_BROKERS', 'POSTGRES_URL', 'REDIS_URL'];
const before = settings.map((name) => [name, process.env[name]] as const);

let server: Server;
let port = 0;
/** Answers whatever is asked with one line, as an old Redis would. */
let line = '';
beforeEach(async () => {
  server = createServer((socket) => {
    socket.on('error', () => undefined).on('data', () => socket.write(line));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterEach(() => {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  server.close();
});

async function nobodyThere(): Promise<number> {
  server.close();
  await once(server, 'close');
  return port;
}

test.each(settings)('%s that is empty or not set gives no address', async (setting) => {
  process.env[setting] = '';
  expect(await givenServer(setting)).toBeUndefined();
});

test.each([
  ['KAFKA_BROKERS', (at: number) => `127.0.0.1:${at}`],
  ['POSTGRES_URL', (at: number) => `postgres://aeo:secret@127.0.0.1:${at}/postgres`],
  ['REDIS_URL', (at: number) => `redis://127.0.0.1:${at}`],
] as const)(
  '%s where nobody answers is told with the command that goes without',
  async (setting, addressAt) => {
    process.env[setting] = addressAt(await nobodyThere());
    const message = await givenServer(setting).then(String, ({ message: told }: Error) => told);
    expect(message).toMatch(
      new RegExp(`^${setting}=.*${port}.* cannot be used: .*ECONNREFUSED.* env -u ${setting} npm start$`),
    );
    expect(message).not.toContain('secret');
  },
);

test.each([
  ['KAFKA_BROKERS', 'localhost', 'is not host:port'],
  ['POSTGRES_URL', 'localhost:5432', 'it does not begin with postgres://'],
  ['REDIS_URL', 'localhost:6379', 'it does not begin with redis://'],
] as const)('%s=%s is told for what it is', async (setting, address, reason) => {
  process.env[setting] = address;
  await expect(givenServer(setting)).rejects.toThrow(reason);
});

test.each([
  ['KAFKA_BROKERS', (at: number) => `127.0.0.1:${at}`],
  ['POSTGRES_URL', (at: number) => `postgres://aeo:secret@127.0.0.1:${at}/postgres`],
  ['REDIS_URL', (at: number) => `redis://127.0.0.1:${at}`],
] as const)(
  '%s where a server never answers is told as well',
  { timeout: 15_000 },
  async (setting, addressAt) => {
    process.env[setting] = addressAt(port);
    await expect(givenServer(setting)).rejects.toThrow(/cannot be used: .*(no answer|timed? ?out)/i);
  },
);

test('a Redis that is too old is told with its version', async () => {
  line = '$24\r\nredis_version:5.0.14\r\n\r\n\r\n';
  process.env['REDIS_URL'] = `redis://127.0.0.1:${port}`;
  await expect(givenServer('REDIS_URL')).rejects.toThrow('Redis 6 or newer is needed, this is 5.0.14');
});
