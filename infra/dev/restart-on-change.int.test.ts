import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadTls } from '@aeo/platform/grpc';
import { mutualTlsRequest } from '@aeo/platform/http';
import { expect, inject, test } from 'vitest';
import { processFolder } from '../../tests/setup/stack/process-folder.ts';
import { createCertificates } from '../local/services/certificates.ts';
import { startService } from '../local/services/service-process.ts';
import { restartOnChange } from './restart-on-change.ts';

const slow = { timeout: 60_000, interval: 100 };

test('a service answers again after a change has restarted it', { timeout: 120_000 }, async () => {
  const folder = processFolder('dev');
  const at = (name: string) => join(folder, name);
  const folders = {
    downloads: at('downloads'),
    data: at('data'),
    logs: at('logs'),
    run: at('run'),
    fresh: true,
  };
  const stack = { ...inject('stack'), folders, stop: () => Promise.resolve() };
  const tlsDirectory = at('tls');
  await createCertificates(tlsDirectory, ['aeo-registry', 'officer']);
  const administration = `test${randomBytes(4).toString('hex')}`;
  const registry = await startService(stack, { administration, service: 'aeo-registry', tlsDirectory });
  mkdirSync(at('sources'));
  const lines: string[] = [];
  const restarted = restartOnChange(registry, [at('sources')], { log: (line) => lines.push(line) });
  try {
    await expect.poll(() => isReady(registry.httpAddress, tlsDirectory), slow).toBe(true);
    writeFileSync(join(at('sources'), 'rules.ts'), '');
    await expect.poll(() => lines.at(-1), slow).toMatch(/aeo-registry is back after/);
    expect(registry.child.exitReason()).toBe('ended with 0');
    await expect.poll(() => isReady(registry.httpAddress, tlsDirectory), slow).toBe(true);
  } finally {
    await restarted.stop(10_000);
    rmSync(folder, { recursive: true });
  }
});

async function isReady(httpAddress: string, tlsDirectory: string): Promise<boolean> {
  const settings = { tls: loadTls(tlsDirectory, 'officer'), timeoutMs: 5_000, bytesMax: 1_000_000 };
  const { status } = await mutualTlsRequest(`https://${httpAddress}/readyz`, settings);
  return status === 200;
}
