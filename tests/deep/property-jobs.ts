import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Tree } from './fingerprint.ts';
import type { Job } from './job.ts';
import { runTests } from './run-tests.ts';

const boundMs = 1_800_000;
const runs = 10_000;

/** Each file of unit tests whose properties read their number of runs from the environment, with ten thousand examples each. */
export function propertyJobs(tree: Tree): Job[] {
  const files = tree.files.filter(
    (file) => /^(services|proto)\/.*\.test\.ts$/.test(file) && !file.endsWith('.int.test.ts'),
  );
  const withRuns = files.filter((file) =>
    readFileSync(join(tree.root, file), 'utf8').includes('numRuns: propertyRuns'),
  );
  return withRuns.map(propertyJob);
}

function propertyJob(file: string): Job {
  const title = basename(file, '.test.ts');
  return {
    name: `properties/${title}`,
    inputs: [`${file.split('/').slice(0, 2).join('/')}/`, 'services/platform/', 'pnpm-lock.yaml'],
    settings: String(runs),
    async run(site) {
      const logFile = join(site.local, 'logs/deep', `properties-${title}.log`);
      const env = { PROPERTY_RUNS: String(runs) };
      const outcomes = await runTests(site, { folder: site.root, files: [file], env, logFile, boundMs });
      const failed = outcomes.find(({ status }) => status !== 'passed');
      if (outcomes.length === 0) return { passed: false, said: 'no test came to an end' };
      if (failed !== undefined) return { passed: false, said: `"${failed.test}" ${failed.status}` };
      return { passed: true, said: `${outcomes.length} tests passed, ${runs} examples for each property` };
    },
  };
}
