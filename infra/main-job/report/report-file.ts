import { closeSync, openSync, writeFileSync } from 'node:fs';
import type { Report } from './report-types.ts';

/**
 * Proves that the report can be written, before a run is spent on it. What the file holds stays until then.
 *
 * @throws Error naming the option and the reason
 */
export function requireWritable(path: string): void {
  try {
    closeSync(openSync(path, 'a'));
  } catch (error) {
    throw new Error(`--report: ${(error as Error).message}`, { cause: error });
  }
}

export function writeReport(path: string, report: Report): void {
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
}
