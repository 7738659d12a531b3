import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCertificates } from '../../../infra/local/services/certificates.ts';
import { identityOf, serveAll } from './serving.ts';

const folder = mkdtempSync(join(tmpdir(), 'serving-'));
beforeAll(() => createCertificates(folder, ['here']));
afterAll(() => rmSync(folder, { recursive: true }));

const quiet = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
const [loopback, other] = ['127.0.0.1', '127.0.0.2'];

test.each([
  { LISTEN_HOST: undefined, open: loopback, shut: other },
  { LISTEN_HOST: other, open: other, shut: loopback },
])('with LISTEN_HOST $LISTEN_HOST a service listens on $open alone', async ({ LISTEN_HOST, open, shut }) => {
  const { grpcPort, httpPort, parts } = await serveAll({
    config: { LISTEN_HOST, GRPC_PORT: 0, HTTP_PORT: 0, TLS_DIR: folder },
    service: 'here',
    services: [],
    protoFolder: folder,
    routes: () => undefined,
    unready: () => [],
    logger: quiet,
  });
  const ports = [grpcPort, httpPort];
  expect(await Promise.all(ports.map((port) => answers(open, port)))).toEqual([true, true]);
  expect(await Promise.all(ports.map((port) => answers(shut, port)))).toEqual([false, false]);
  for (const part of parts) await part.stop();
});

test('an issuer without an audience, or the reverse, is refused at the start', () => {
  const issuer = 'http://127.0.0.1:1';
  expect(() => identityOf({ OIDC_ISSUER: issuer })).toThrow('OIDC_AUDIENCE');
  expect(() => identityOf({ OIDC_AUDIENCE: 'us' })).toThrow('OIDC_ISSUER');
  expect(identityOf({}).verifyToken).toBeUndefined();
  expect(identityOf({ OIDC_ISSUER: issuer, OIDC_AUDIENCE: 'us' }).verifyToken).toBeTypeOf('function');
});

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
