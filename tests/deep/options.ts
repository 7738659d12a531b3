import { parseArgs } from 'node:util';

export type Options = {
  /** Parts of names; a job that has one of them is selected. Empty: all. */
  only: string[];
  seeds: number;
  /** Also what has passed for this very code. */
  again: boolean;
  action: 'run' | 'list' | 'help';
};

export const usage = `npm run test:deep -- [options]

Runs what takes hours: each mutant in turn, each fault with many seeds and the times of the earnest case,
the main job with its services killed, a start on each machine that lacks something (as root, on Debian), and properties
of the registry on ten thousand examples. What has passed for the same code is not run again, so a run that was stopped
goes on where it was. Results are added to tests/deep/results.jsonl, which is committed.

  --only PART   only jobs with this part in their names, for instance mutation/ or seed-3; may be given again
  --seeds N     seeds 1 to N for every fault and main job (default 20)
  --again       also what has passed for this very code
  --list        the jobs, and which are done
  --help        this text
`;

/** @throws Error naming the option that cannot be used */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true, default: [] },
      seeds: { type: 'string', default: '20' },
      again: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const seeds = Number(values.seeds);
  if (!Number.isInteger(seeds) || seeds < 1 || seeds > 1_000)
    throw new Error(`--seeds takes a number from 1 to 1000, not "${values.seeds}"`);
  const action = values.help ? 'help' : values.list ? 'list' : 'run';
  return { only: values.only, seeds, again: values.again, action };
}
