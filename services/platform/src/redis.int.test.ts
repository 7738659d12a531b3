import { randomUUID } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, inject, test } from 'vitest';
import { eventually } from '../../../tests/setup/eventually.ts';
import { startLoopbackProxy } from '../../../tests/setup/faults/loopback-proxy.ts';
import { connectCache } from './redis.ts';

const value = Buffer.from([0, 1, 255]);

test('an entry of one administration is not found by another', async () => {
  const url = inject('stack').redisUrl;
  const [home, other] = [randomUUID(), randomUUID()].map((administration) =>
    connectCache({ url, administration, namespace: 'n', timeoutMs: 2_000 }),
  ) as [ReturnType<typeof connectCache>, ReturnType<typeof connectCache>];
  await eventually(async () => {
    await home.setMany([['key', value]], 60);
    expect(await home.getMany(['none', 'key'])).toEqual([undefined, value]);
  });
  expect(await other.getMany(['key'])).toEqual([undefined]);
  await home.stop();
  await other.stop();
});

test('a cache server that hangs or is down looks like an empty cache', async () => {
  const hung = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(hung, 'listening');
  const { port } = hung.address() as AddressInfo;
  for (const address of [port, 1]) {
    const cache = connectCache({
      url: `redis://127.0.0.1:${address}`,
      administration: 'test',
      namespace: 'n',
    });
    await cache.setMany([['key', value]], 60);
    expect(await cache.getMany(['key', 'other'])).toEqual([undefined, undefined]);
    await cache.stop();
  }
  hung.close();
});

test('a cache server that stops answering costs one short wait, and is then not used', async () => {
  const { hostname, port, href } = new URL(inject('stack').redisUrl);
  expect(hostname).toBe('127.0.0.1');
  const proxy = await startLoopbackProxy(Number(port));
  const url = href.replace(`:${port}`, `:${proxy.port}`);
  const cache = connectCache({ url, administration: randomUUID(), namespace: 'n' });
  await cache.connected(10_000);
  proxy.hang();
  // A cache that waits for its server for ever keeps every answer waiting.
  const asked = () => Promise.race([cache.getMany(['key']), pause(5_000, 'no answer')]);
  expect([await asked(), await asked()]).toEqual([[undefined], [undefined]]);
  await cache.stop();
  await proxy.stop();
});
