import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeGenericClientConstructor } from '@grpc/grpc-js';
import { service } from 'grpc-health-check';
import { expect, test } from 'vitest';
import { createCertificates } from '../../../../infra/local/services/certificates.ts';
import { eventually } from '../../../../tests/setup/eventually.ts';
import { grpcClient, loadTls } from '../grpc.ts';
import type { MethodOf } from './client.ts';
import { serveAll } from '../serving.ts';

const quiet = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
const check = service['Check'] as unknown as MethodOf<{ service: string }, { status: string }>;

test('the health check follows readiness, and a server that stops is not serving', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'health-'));
  await createCertificates(folder, ['here', 'there']);
  let reasons = ['not read yet'];
  const { grpcPort, parts } = await serveAll({
    service: 'here',
    config: { GRPC_PORT: 0, HTTP_PORT: 0, TLS_DIR: folder },
    services: [],
    protoFolder: folder,
    routes: () => undefined,
    unready: () => reasons,
    logger: quiet,
  });
  const Client = makeGenericClientConstructor(service, 'grpc.health.v1.Health');
  const client = grpcClient(Client, { address: `localhost:${grpcPort}`, tls: loadTls(folder, 'there') });
  const status = async () => (await client.call(check, { service: '' })).status;
  try {
    expect(await status()).toBe('NOT_SERVING');
    reasons = [];
    await eventually(async () => expect(await status()).toBe('SERVING'));
    reasons = ['a reason'];
    await eventually(async () => expect(await status()).toBe('NOT_SERVING'));
    reasons = [];
    await eventually(async () => expect(await status()).toBe('SERVING'));
    await parts[0]?.stop();
    expect(await status()).toBe('NOT_SERVING');
  } finally {
    await client.stop();
    for (const part of parts.slice(1)) await part.stop();
    rmSync(folder, { recursive: true });
  }
});
