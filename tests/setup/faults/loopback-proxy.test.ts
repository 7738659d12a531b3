import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startLoopbackProxy, type LoopbackProxy } from './loopback-proxy.ts';

let echo: Server;
let proxy: LoopbackProxy;

beforeEach(async () => {
  echo = createServer((socket) => socket.pipe(socket).on('error', () => undefined)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await startLoopbackProxy((echo.address() as AddressInfo).port);
});
afterEach(async () => {
  await proxy.stop();
  echo.close();
});

async function connected() {
  const socket = connect(proxy.port, '127.0.0.1').on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

test('an open proxy passes bytes on in both directions', async () => {
  const socket = await connected();
  socket.write('there');
  expect(String((await once(socket, 'data'))[0])).toBe('there');
});

test('a proxy that hangs passes nothing on and loses nothing', async () => {
  const socket = await connected();
  socket.write('before ');
  await once(socket, 'data');
  proxy.hang();
  const received: string[] = [];
  socket.on('data', (bytes) => received.push(String(bytes)));
  socket.write('during');
  const other = await connected();
  other.write('other');
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(received).toEqual([]);
  const [first, second] = [once(socket, 'data'), once(other, 'data')];
  proxy.heal();
  expect(String((await first)[0])).toBe('during');
  expect(String((await second)[0])).toBe('other');
});

test('a proxy that is cut closes and refuses connections until it is healed', async () => {
  const socket = await connected();
  const closed = once(socket, 'close');
  proxy.cut();
  await closed;
  const refused = await connected();
  await once(refused, 'close');
  proxy.heal();
  const again = await connected();
  again.write('back');
  expect(String((await once(again, 'data'))[0])).toBe('back');
});
