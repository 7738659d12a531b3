import type { TestOutcome } from '../deep/run-tests.ts';
import type { KillingTest } from './mutant.ts';

export type Verdict = { killed: boolean; said: string };

/**
 * Whether a named assertion killed a mutant. A crash, a timeout or a failed import does not, because it can
 * have other causes.
 */
export function verdictOn({ file, test, assertion }: KillingTest, outcomes: readonly TestOutcome[]): Verdict {
  const found = outcomes.find((each) => each.file === file && each.test === test);
  if (found === undefined) return { killed: false, said: `"${test}" was not run` };
  if (found.status === 'passed') return { killed: false, said: `"${test}" passes under the mutant` };
  const assertions = found.messages.map(assertionIn).filter((said) => said !== undefined);
  const fitting = assertions.find((said) => said.includes(assertion));
  if (fitting !== undefined) return { killed: true, said: firstLine(fitting) };
  const other = assertions[0] ?? found.messages[0] ?? found.status;
  return { killed: false, said: `"${test}" fails, but not by the assertion named: ${firstLine(other)}` };
}

/** What an assertion said, without the stack; undefined for any other error. A property of fast-check hands it on. */
function assertionIn(message: string): string | undefined {
  const assertion = /(?:^|Caused by: )AssertionError: ([^]*?)(?=\n\s+at |$)/.exec(message);
  return assertion?.[1];
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 300);
}
