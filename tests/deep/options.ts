import { parseArgs } from 'node:util';

export type Options = {
  /** A job whose name contains one of these is selected. Empty: all. */
  only: string[];
  seeds: number;
  /** Run also the jobs that passed for the same code. */
  again: boolean;
  action: 'run' | 'list' | 'help' | 'carry';
  /** The revision from which patches of mutants are carried over; empty for other actions. */
  revision: string;
};

export const usage = `npm run test:deep -- [options]

Runs the tests that take hours. A job that passed for the same code is not run again, so a run that was stopped
continues where it ended. Results are appended to tests/deep/results.jsonl, which is committed.

Jobs, by the start of their names:
  mutation/NAME           a mutant: the tree without one mechanism, and the tests that must fail then
  faults/FILE/seed-N      a file of tests/faults with full durations
  kills/seed-N            the main job while its services are killed
  bare/MACHINE            a start on a machine that lacks a program (as root, on Debian)
  properties/FILE         the properties of a unit test file with ten thousand examples each

Options:
  --only PATTERN            run only jobs whose name contains PATTERN, for instance mutation/ or seed-3;
                            may be given several times
  --seeds N                 use seeds 1 to N for faults and kills (default 20)
  --again                   run also jobs that passed for the same code
  --list                    list the jobs and which of them are done
  --carry-mutants REVISION  rewrite the patches of mutants that no longer apply, by a three-way merge from a revision at
                            which they applied, and list those that cannot be merged
  --help                    print this text
`;

/** @throws Error naming the option that is invalid */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true, default: [] },
      seeds: { type: 'string', default: '20' },
      again: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      'carry-mutants': { type: 'string', default: '' },
      help: { type: 'boolean', default: false },
    },
  });
  const seeds = Number(values.seeds);
  if (!Number.isInteger(seeds) || seeds < 1 || seeds > 1_000)
    throw new Error(`--seeds takes a number from 1 to 1000, not "${values.seeds}"`);
  const revision = values['carry-mutants'];
  const action = values.help ? 'help' : revision !== '' ? 'carry' : values.list ? 'list' : 'run';
  return { only: values.only, seeds, again: values.again, action, revision };
}
