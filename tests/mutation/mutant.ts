import type { NamedTest } from '../deep/run-tests.ts';

/** A test that fails under a mutant, and the text of its failed assertion. */
export type KillingTest = NamedTest & { assertion: string };

/** The product with one of its mechanisms removed, by the patch of the same name. */
export type Mutant = {
  /** The name of the removed mechanism. */
  name: string;
  /** What the mechanism ensures. */
  purpose: string;
  /** Each of these must fail under the mutant. */
  killedBy: readonly KillingTest[];
  /** Present where no test killed the mutant at first: what was added. */
  initiallySurvived?: string;
};

export function patchOf({ name }: Mutant): string {
  return `tests/mutation/patches/${name}.patch`;
}
