import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadTls, type TlsFiles } from '@aeo/platform/grpc';
import { createCertificates } from '../../../infra/local/services/certificates.ts';

/** An authority of a test's own, with certificates of these names; nothing of it stays on disk. */
export async function createTestCertificates<Name extends string>(
  ...names: readonly Name[]
): Promise<Record<Name, TlsFiles>> {
  const folder = mkdtempSync(join(tmpdir(), 'authority-'));
  try {
    await createCertificates(folder, names);
    return Object.fromEntries(names.map((name) => [name, loadTls(folder, name)])) as Record<Name, TlsFiles>;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
