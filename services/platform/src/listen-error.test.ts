import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import express from 'express';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { serveGrpc } from './grpc.ts';
import { serveHttp } from './http.ts';

let holder: Server;
let port = 0;
beforeEach(async () => {
  holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  ({ port } = holder.address() as AddressInfo);
});
afterEach(() => void holder.close());

test.each([
  ['GRPC_PORT', () => serveGrpc({ port, services: [] })],
  ['HTTP_PORT', () => serveHttp(express(), { port })],
] as const)('a %s that is in use is reported with its address and a remedy', async (setting, serve) => {
  await expect(serve()).rejects.toMatchObject({
    code: 'unavailable',
    reason: 'PORT_TAKEN',
    message:
      `${setting}: 127.0.0.1:${port} is taken (EADDRINUSE); by whom: ss -ltnp 'sport = :${port}'. ` +
      `${setting}=0 takes a free one.`,
  });
});

test('a host that is not ours is reported as unusable', async () => {
  await expect(serveHttp(express(), { port: 0, host: '192.0.2.1' })).rejects.toMatchObject({
    reason: 'PORT_UNUSABLE',
    message: expect.stringMatching(
      /^HTTP_PORT: 192\.0\.2\.1:0 cannot be listened on \(.*EADDRNOTAVAIL/,
    ) as string,
  });
});
