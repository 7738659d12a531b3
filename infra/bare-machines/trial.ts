import { clone, type Machine, type Outcome, type RunOptions } from './machine.ts';

/** One trial: outputs are printed, and what does not hold is collected. */
export type Trial = {
  machine: Machine;
  problems: string[];
  /** Prints the outcome of a command that a trial runs itself. */
  show: (command: string, outcome: Outcome) => void;
  /** A start that must fail with this message; returns what it printed. */
  fails: (message: RegExp, options?: RunOptions & { command?: string }) => Promise<string>;
  /** A start that must get all services up; it is then interrupted and must leave no process. */
  works: (options?: RunOptions & { command?: string }) => Promise<string>;
  /** Runs the command that a message names, unchanged. */
  mends: (command: string, options?: RunOptions) => Promise<void>;
};

const started = /^history/m;
const afterCtrlC = 130;

export function startTrial(machine: Machine, print: (line: string) => void): Trial {
  const problems: string[] = [];
  const check = (holds: boolean, problem: string) => {
    if (!holds) problems.push(problem);
  };
  const leavesNothing = (what: string) =>
    check(machine.runningProcesses().length === 0, `${what} left processes running`);
  const show = (command: string, { code, output }: Outcome) => {
    print(`$ ${command}\n${output.trimEnd()}\n(exit code ${code})`);
  };
  return {
    machine,
    problems,
    show,
    fails: async (message, options = {}) => {
      const { command = 'npm start' } = options;
      // A start that gets all services up instead is interrupted as well: it would not end.
      const outcome = await machine.run(command, { until: started, ...options });
      show(command, outcome);
      check(message.test(outcome.output), `no message like ${message}`);
      check(outcome.code !== 0, 'the exit code is 0');
      check(!/^\s+at .+[:)]/m.test(outcome.output), 'there is a stack trace');
      leavesNothing('a start that failed');
      return outcome.output;
    },
    works: async (options = {}) => {
      const { command = 'npm start' } = options;
      const outcome = await machine.run(command, { until: started, ...options });
      show(command, outcome);
      check(outcome.code === afterCtrlC, `the start ended with ${outcome.code} instead of ${afterCtrlC}`);
      leavesNothing('a start that was interrupted');
      return outcome.output;
    },
    mends: async (command, options = {}) => {
      const outcome = await machine.run(command, options);
      show(command, { ...outcome, output: outcome.output.split('\n').slice(-4).join('\n') });
      check(outcome.code === 0, `"${command}" does not work`);
    },
  };
}

/** The first command in a message that looks like this. */
export function commandIn(output: string, like: RegExp): string {
  const [found] = like.exec(output) ?? [];
  if (found === undefined) throw new Error(`no command like ${like} in:\n${output}`);
  return found;
}

/** The host's path of a file of the project. */
export function clonePath({ machine }: Trial, path: string): string {
  return machine.path(`${clone}/${path}`);
}
