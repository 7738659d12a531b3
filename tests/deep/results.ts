import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One line of the file of results. */
export type Result = {
  at: string;
  commit: string;
  job: string;
  seed?: number;
  result: 'passed' | 'failed';
  seconds: number;
  /** Of everything the result depends on. */
  fingerprint: string;
  said: string;
  detail?: unknown;
};

export type Results = {
  /** The newest result of a job. */
  newest: (job: string) => Result | undefined;
  /** True where the job has passed for this very code. */
  isDone(job: string, fingerprint: string): boolean;
  add(result: Result): void;
};

/** The committed record of what was run for which code. A line that is cut short counts for nothing. */
export function openResults(root: string): Results {
  const file = join(root, 'tests/deep/results.jsonl');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const results = text.split('\n').flatMap(parse);
  if (text !== '' && !text.endsWith('\n')) appendFileSync(file, '\n');
  return {
    newest: (job) => results.findLast((each) => each.job === job),
    isDone: (job, fingerprint) =>
      results.some(
        (each) => each.job === job && each.fingerprint === fingerprint && each.result === 'passed',
      ),
    add(result) {
      results.push(result);
      appendFileSync(file, `${JSON.stringify(result)}\n`);
    },
  };
}

function parse(line: string): Result[] {
  try {
    return line === '' ? [] : [JSON.parse(line) as Result];
  } catch {
    return [];
  }
}
