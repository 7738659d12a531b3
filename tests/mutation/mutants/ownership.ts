import type { Mutant } from '../mutant.ts';

/** Mechanisms of the services that own operators and lists. */
export const ownershipMutants: readonly Mutant[] = [
  {
    name: 'idempotency-keys',
    purpose: 'A retry under a key receives the first answer and changes nothing.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/application/idempotency.int.test.ts',
        test: 'a retried batch answers each keyed command as before and changes nothing again',
        assertion: 'to deeply equal [ { …(2) }, { …(2) } ]',
      },
    ],
  },
  {
    name: 'operator-row-lock',
    purpose: 'Two concurrent commands on one operator both take effect.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/adapters/operator-store.postgres.int.test.ts',
        test: 'two commands on one operator at the same instant are both kept, and versions rise by one',
        assertion: 'to deeply equal [ 2n, 3n ]',
      },
    ],
  },
  {
    name: 'effective-time-after-lock',
    purpose: 'A command takes effect at the time it is executed, not at the time it began to wait.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/adapters/operator-store.postgres.int.test.ts',
        test: 'the time of a command is later than its wait for the operator',
        assertion: 'to be greater than or equal to',
      },
    ],
  },
  {
    name: 'second-person-for-held-list',
    purpose: 'The person who imported a list does not release it.',
    killedBy: [
      {
        file: 'services/mutual-recognition/src/application/receiving/receive-list.int.test.ts',
        test: 'a second person releases the list, and the next is accepted after it',
        assertion: "to deeply equal { kind: 'objection', …(1) }",
      },
    ],
  },
  {
    name: 'held-list-with-absences',
    purpose: 'A list from which many members are absent waits for a person.',
    killedBy: [
      {
        file: 'services/mutual-recognition/src/domain/list/verify-list.test.ts',
        test: 'a list that removes more operators than may go at once > waits for a second person, and comes into force once released',
        assertion: "to deeply equal { kind: 'awaiting_approval', …(2) }",
      },
    ],
  },
  {
    name: 'list-sequence',
    purpose: 'An older list never replaces a newer one.',
    killedBy: [
      {
        file: 'services/mutual-recognition/src/domain/list/verify-list.test.ts',
        test: 'a list is refused > older than the last accepted one',
        assertion: "to deeply equal { kind: 'refused', …(1) }",
      },
    ],
  },
  {
    name: 'list-previous-hash',
    purpose: 'Each list links to the list before it.',
    killedBy: [
      {
        file: 'services/mutual-recognition/src/domain/list/verify-list.test.ts',
        test: 'a list is refused > that does not follow',
        assertion: "to deeply equal { kind: 'refused', …(1) }",
      },
    ],
  },
  {
    name: 'conflicting-list-detection',
    purpose: 'Two different lists under one number are both refused.',
    killedBy: [
      {
        file: 'services/mutual-recognition/src/domain/list/verify-list.test.ts',
        test: 'a list is refused > signed twice for one sequence',
        assertion: "to deeply equal { kind: 'refused', …(1) }",
      },
    ],
  },
  {
    name: 'list-signature',
    purpose: 'Only a list signed by the key of the partner is read.',
    killedBy: [
      {
        file: 'services/mutual-recognition/src/edge/grpc/pull-list.test.ts',
        test: 'a list signed with another key than the pinned one is refused, though the partner serves that key now',
        assertion: 'to match object { Object (refused) }',
      },
    ],
  },
  {
    name: 'list-digest',
    purpose: 'The rows of a list are those that were signed.',
    killedBy: [
      {
        file: 'services/mutual-recognition/src/domain/list/verify-list.test.ts',
        test: 'a list is refused > with another row than signed',
        assertion: "to deeply equal { kind: 'refused', …(1) }",
      },
    ],
  },
  {
    name: 'suspensions-independent-of-list',
    purpose: 'A suspension acts at once, whatever happens to its list.',
    killedBy: [
      {
        file: 'services/mutual-recognition/src/domain/list/verify-list.test.ts',
        test: 'suspensions and revocations act at once > of a list with a row that cannot be used',
        assertion: "to deeply equal [ [ 'p1', 'suspended' ], …(1) ]",
      },
    ],
  },
  {
    name: 'suspensions-before-list-rows',
    purpose: 'Suspensions are published before the rows of a long list.',
    killedBy: [
      {
        file: 'services/mutual-recognition/src/application/receiving/receive-list.int.test.ts',
        test: 'a large list is published in chunks, suspensions first and its activation last',
        assertion: "expected 'membership p0' to be 'suspension zz'",
      },
    ],
  },
  {
    name: 'list-activation-after-acknowledgement',
    purpose: 'A list is activated after the brokers have acknowledged every member.',
    killedBy: [
      {
        file: 'services/mutual-recognition/src/application/receiving/receive-list.int.test.ts',
        test: 'no list is activated before the brokers have acknowledged its members',
        assertion: "to not include 'activated 1'",
      },
    ],
    initiallySurvived: 'the named test',
  },
  {
    name: 'alarm-for-mass-suspension',
    purpose: 'A very large number of suspensions raises an alarm.',
    killedBy: [
      {
        file: 'services/mutual-recognition/src/application/receiving/receive-list.int.test.ts',
        test: 'a list that suspends very many operators at once acts, and their number is reported',
        assertion: 'to deeply equal [ 25 ]',
      },
    ],
  },
  {
    name: 'no-list-from-stale-registry',
    purpose: 'A partner receives no benefit that was suspended a moment before.',
    killedBy: [
      {
        file: 'services/mutual-recognition/src/service.int.test.ts',
        test: 'a list holds everything committed before the call, however late it is received',
        assertion: "to deeply equal [ { status: 'suspended' } ]",
      },
    ],
  },
  {
    name: 'absence-timeout',
    purpose: 'An absence that nobody decides on gives no benefit after a day.',
    killedBy: [
      {
        file: 'services/mutual-recognition/src/application/receiving/receive-list.int.test.ts',
        test: 'absences unanswered for a day end the benefit, until a person refuses them',
        assertion: 'to be 20',
      },
    ],
  },
];
