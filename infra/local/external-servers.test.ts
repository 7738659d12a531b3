import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { externalServer, type ServerSetting } from './external-servers.ts';

const settings: ServerSetting[] = ['KAFKA_BROKERS', 'POSTGRES_URL', 'REDIS_URL'];
const before = settings.map((name) => [name, process.env[name]] as const);

let server: Server;
let port = 0;
/** Answers every request with one line, as an old Redis would. */
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

async function portWithoutServer(): Promise<number> {
  server.close();
  await once(server, 'close');
  return port;
}

test.each(settings)('%s that is empty or not set gives no address', async (setting) => {
  process.env[setting] = '';
  expect(await externalServer(setting)).toBeUndefined();
});

test.each([
  ['KAFKA_BROKERS', (at: number) => `127.0.0.1:${at}`],
  ['POSTGRES_URL', (at: number) => `postgres://aeo:secret@127.0.0.1:${at}/postgres`],
  ['REDIS_URL', (at: number) => `redis://127.0.0.1:${at}`],
] as const)(
  '%s where no server answers is reported with the command that starts without it',
  async (setting, addressAt) => {
    process.env[setting] = addressAt(await portWithoutServer());
    const message = await externalServer(setting).then(String, ({ message: text }: Error) => text);
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
] as const)('%s=%s is rejected with the reason', async (setting, address, reason) => {
  process.env[setting] = address;
  await expect(externalServer(setting)).rejects.toThrow(reason);
});

test.each([
  ['KAFKA_BROKERS', (at: number) => `127.0.0.1:${at}`],
  ['POSTGRES_URL', (at: number) => `postgres://aeo:secret@127.0.0.1:${at}/postgres`],
  ['REDIS_URL', (at: number) => `redis://127.0.0.1:${at}`],
] as const)(
  '%s where a server never answers is reported after a timeout',
  { timeout: 15_000 },
  async (setting, addressAt) => {
    process.env[setting] = addressAt(port);
    await expect(externalServer(setting)).rejects.toThrow(/cannot be used: .*(no answer|timed? ?out)/i);
  },
);

test('a Redis that is too old is reported with its version', async () => {
  line = '$24\r\nredis_version:5.0.14\r\n\r\n\r\n';
  process.env['REDIS_URL'] = `redis://127.0.0.1:${port}`;
  await expect(externalServer('REDIS_URL')).rejects.toThrow('Redis 6 or newer is needed, this is 5.0.14');
});
