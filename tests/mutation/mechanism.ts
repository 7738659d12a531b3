import type { NamedTest } from '../deep/run-tests.ts';

/** A test that fails when the mechanism is taken out, and what its failed assertion says. */
export type Catch = NamedTest & { says: string };

/** One mechanism of the product. It is taken out by the patch of its name. */
export type Mechanism = {
  name: string;
  /** What it is for: what would happen without it. */
  purpose: string;
  /** Each of these must find that it is gone. */
  caughtBy: readonly Catch[];
  /** Present where nothing found its removal at first: what was added. */
  missedAtFirst?: string;
};

export function patchOf({ name }: Mechanism): string {
  return `tests/mutation/patches/${name}.patch`;
}
