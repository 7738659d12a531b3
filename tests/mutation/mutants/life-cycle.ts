import type { Mutant } from '../mutant.ts';

const lifeCycle = 'services/aeo-registry/src/domain/life-cycle.test.ts';

/** Mechanisms of the life cycle of applications and certificates. */
export const lifeCycleMutants: readonly Mutant[] = [
  {
    name: 'second-person-at-approval',
    purpose: 'The person who proposes a grant does not approve it.',
    killedBy: [
      {
        file: lifeCycle,
        test: 'an application goes from draft to decision by its steps, and a second person grants a certificate of each component',
        assertion: "expected undefined to be 'SAME_PERSON'",
      },
    ],
  },
  {
    name: 'proposal-bound-to-facts',
    purpose: 'A grant is not approved after the facts it was proposed on have changed.',
    killedBy: [
      {
        file: lifeCycle,
        test: 'a proposal is refused once the facts it was made on have changed',
        assertion: "expected undefined to be 'PROPOSAL_OUTDATED'",
      },
    ],
  },
  {
    name: 'notice-period-before-action',
    purpose: 'A suspension or revocation takes effect only after the notice period of its programme.',
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
    name: 'deadline-acts-once',
    purpose: 'A deadline acts once, however often it is checked.',
    killedBy: [
      {
        file: lifeCycle,
        test: 'a deadline escalates once, on the day after its last day, excludes pauses, and is not processed twice',
        assertion: "to match object [ { clock: 'decision', …(2) } ]",
      },
      {
        file: 'tests/faults/registry-killed-at-deadline.test.ts',
        test: 'a deadline that passes while no registry runs acts once after the restart, for its own day',
        assertion: 'to deeply equal []',
      },
    ],
  },
  {
    name: 'next-deadline-in-same-transaction',
    purpose:
      'The time of the next deadline check is committed with its cause, so that a kill loses no deadline.',
    killedBy: [
      {
        file: 'tests/faults/registry-killed-at-command.test.ts',
        test: 'a registry that is killed at any moment of a command has executed it once or not at all',
        assertion: ":00:00.000Z' // Object.is equality",
      },
    ],
  },
];
