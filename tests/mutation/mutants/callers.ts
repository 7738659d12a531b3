import type { Mutant } from '../mutant.ts';

/** Mechanisms that identify callers. */
export const callerMutants: readonly Mutant[] = [
  {
    name: 'caller-name-bound-to-socket',
    purpose: 'The name of a caller is remembered for its connection alone, never for its address.',
    killedBy: [
      {
        file: 'services/platform/src/identity/peer-name.test.ts',
        test: 'another certificate on another connection from the same address is another caller',
        assertion: "to deeply equal [ 'border-system', 'officer', ",
      },
    ],
  },
];
