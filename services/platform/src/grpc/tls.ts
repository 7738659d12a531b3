import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** PEM texts: the authority both sides trust, and this side's certificate and key. */
export type TlsFiles = { ca: Buffer; cert: Buffer; key: Buffer };

/** Reads `ca.pem`, `<name>.pem` and `<name>.key.pem` from a folder. */
export function loadTls(directory: string, name: string): TlsFiles {
  const read = (file: string) => readFileSync(join(directory, file));
  return { ca: read('ca.pem'), cert: read(`${name}.pem`), key: read(`${name}.key.pem`) };
}
