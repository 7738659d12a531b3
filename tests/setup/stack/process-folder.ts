import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder for a test that starts processes: what is noted below it is ended with the run of the tests. */
export function processFolder(name: string): string {
  return realpathSync(mkdtempSync(join(process.env['TEST_FOLDER'] ?? tmpdir(), `${name}-`)));
}
