import type { Mutant } from '../mutant.ts';

const lifeCycle = 'services/aeo-registry/src/domain/life-cycle.test.ts';

/** On a file's way to a grant, and of what may happen to a certificate. */
export const lifeCycleMutants: readonly Mutant[] = [
  {
    name: 'second-person-at-approval',
    purpose: 'Whoever proposes a grant does not also approve it.',
    killedBy: [
      {
        file: lifeCycle,
        test: 'an application goes from draft to decision by its steps, and a second person grants a certificate of each component',
        assertion: "expected undefined to be 'SAME_PERSON'",
      },
    ],
  },
  {
    name: 'proposal-of-known-facts',
    purpose: 'A grant that was proposed on other facts than are known now is not approved.',
    killedBy: [
      {
        file: lifeCycle,
        test: 'a proposal is refused once the facts it was made on have changed',
        assertion: "expected undefined to be 'PROPOSAL_OUTDATED'",
      },
    ],
  },
  {
    name: 'notice-before-the-act',
    purpose: 'A holder has the time its programme gives before a suspension or a revocation takes effect.',
    killedBy: [
      {
        file: lifeCycle,
        test: 'a suspension that requires notice is refused until the notice is over',
        assertion: "expected undefined to be 'NOTICE_NEEDED'",
      },
      {
        file: lifeCycle,
        test: 'a revocation requires the notice and the hearing of the programme',
        assertion: "to be 'NOTICE_NEEDED'",
      },
    ],
  },
  {
    name: 'deadline-remembered',
    purpose: 'A deadline acts once, however often somebody looks.',
    killedBy: [
      {
        file: lifeCycle,
        test: 'a deadline escalates once, on the day after its last day, excludes pauses, and is not processed twice',
        assertion: "to match object [ { clock: 'decision', …(2) } ]",
      },
      {
        file: 'tests/faults/registry-killed-at-deadline.test.ts',
        test: 'a deadline that passes while no registry runs acts once when one is back, for its own day, and none before its time',
        assertion: 'to deeply equal []',
      },
    ],
  },
  {
    name: 'look-in-the-same-transaction',
    purpose:
      'When somebody has to look next is committed with what it follows from: no kill in between loses a deadline.',
    killedBy: [
      {
        file: 'tests/faults/registry-killed-at-command.test.ts',
        test: 'killed at each command of a file, at each moment of its transaction, a registry has done it once or not at all',
        assertion: ":00:00.000Z' // Object.is equality",
      },
    ],
  },
];
