import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { registryService } from '@aeo/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import {
  certified,
  startTestRegistry,
  suspension,
  type TestRegistry,
} from '../../tests/setup/registry/registry.ts';

const { RegistryServiceService: service } = registryService;

let registry: TestRegistry;

beforeAll(async () => {
  registry = await startTestRegistry(inject('stack'));
});
afterAll(() => registry.stop());

async function history(...args: string[]) {
  const where = ['--registry', registry.httpUrl, '--tls', registry.tlsFolder];
  const line = ['infra/aeoctl/main.ts', 'certificate', 'history', ...args, ...where];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, line);
    return { code: 0, stdout, stderr: '' };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

test('the history shows a certificate as it stood, and as it was known', async () => {
  const certificate = await certified(registry.as('officer'));
  const before = new Date().toISOString();
  await registry.as('officer').call(service.suspendCertificate, suspension(certificate));
  const { certificateId } = certificate;
  const now = await history(certificateId);
  expect(now.stdout).toMatch(
    /suspended in demonstration version 4, tier tier-\d, since .*, until an act ends it/,
  );
  expect(now.stdout).toMatch(
    /CertificateSuspended by officer: debt\n {4}decided .* notified .* effective .* recorded /,
  );
  const then = await history(certificateId, '--known-at', before, '--json');
  expect(JSON.parse(then.stdout)).toMatchObject({ certificate: { status: 'active' }, knownAt: before });
  const earlier = await history(certificateId, '--as-of', '2020-01-01');
  expect(earlier.stdout).toContain('not there yet');
});

test('a query that cannot be answered ends with one line and an exit code', async () => {
  expect(await history('never-granted')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('The registry refuses: NOT_FOUND') as unknown,
  });
  expect(await history('any', '--as-of', 'yesterday')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--as-of takes a day or an instant') as unknown,
  });
  expect(await history('any', '--as', 'trader')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('NOT_ALLOWED') as unknown,
  });
});
