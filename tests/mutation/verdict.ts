import type { TestOutcome } from '../deep/run-tests.ts';
import type { Catch } from './mechanism.ts';

export type Verdict = { caught: boolean; said: string };

/**
 * Whether a named assertion found that a mechanism is gone. A crash, a time that ran out or an import that failed finds
 * nothing: those happen for other reasons as well.
 */
export function verdictOn({ file, test, says }: Catch, outcomes: readonly TestOutcome[]): Verdict {
  const found = outcomes.find((each) => each.file === file && each.test === test);
  if (found === undefined) return { caught: false, said: `"${test}" was not run` };
  if (found.status === 'passed') return { caught: false, said: `"${test}" passes all the same` };
  const assertions = found.messages.map(assertionIn).filter((said) => said !== undefined);
  const fitting = assertions.find((said) => said.includes(says));
  if (fitting !== undefined) return { caught: true, said: firstLine(fitting) };
  const other = assertions[0] ?? found.messages[0] ?? found.status;
  return { caught: false, said: `"${test}" fails, but not by the assertion named: ${firstLine(other)}` };
}

/** What an assertion said, without the stack; undefined for any other error. A property of fast-check hands it on. */
function assertionIn(message: string): string | undefined {
  const assertion = /(?:^|Caused by: )AssertionError: ([^]*?)(?=\n\s+at |$)/.exec(message);
  return assertion?.[1];
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 300);
}
