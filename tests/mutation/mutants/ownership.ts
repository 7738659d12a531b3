import type { Mutant } from '../mutant.ts';

/** In the services that own operators and lists. */
export const ownershipMutants: readonly Mutant[] = [
  {
    name: 'idempotency-keys',
    purpose: 'A retry under a key gets the first answer and changes nothing.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/application/idempotency.int.test.ts',
        test: 'a retried batch answers each keyed command as before and changes nothing again',
        assertion: 'to deeply equal [ { …(2) }, { …(2) } ]',
      },
    ],
  },
  {
    name: 'commands-on-one-operator-in-turn',
    purpose: 'Two commands on one operator are both kept.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/adapters/operator-store.postgres.int.test.ts',
        test: 'two commands on one operator at the same instant are both kept, and versions rise by one',
        assertion: 'to deeply equal [ 2n, 3n ]',
      },
    ],
  },
  {
    name: 'effective-after-the-wait',
    purpose: 'A command takes effect at the time it is carried out, not at the one it began to wait.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/adapters/operator-store.postgres.int.test.ts',
        test: 'the time of a command is later than its wait for the operator',
        assertion: 'to be greater than or equal to',
      },
    ],
  },
  {
    name: 'second-person',
    purpose: 'Whoever took a list in does not also let it pass.',
    killedBy: [
      {
        file: 'services/mutual-recognition/src/application/receiving/receive-list.int.test.ts',
        test: 'a second person releases the list, and the next is accepted after it',
        assertion: "to deeply equal { kind: 'objection', …(1) }",
      },
    ],
  },
  {
    name: 'absences-wait',
    purpose: 'A partner’s mistake does not strip its traders.',
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
    name: 'previous-hash',
    purpose: 'Each list follows on the one held.',
    killedBy: [
      {
        file: 'services/mutual-recognition/src/domain/list/verify-list.test.ts',
        test: 'a list is refused > that does not follow',
        assertion: "to deeply equal { kind: 'refused', …(1) }",
      },
    ],
  },
  {
    name: 'two-lists-under-one-number',
    purpose: 'Two lists under one number are never both believed.',
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
    purpose: 'Only what the partner’s key signed is looked at.',
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
    purpose: 'The rows are those that were signed.',
    killedBy: [
      {
        file: 'services/mutual-recognition/src/domain/list/verify-list.test.ts',
        test: 'a list is refused > with another row than signed',
        assertion: "to deeply equal { kind: 'refused', …(1) }",
      },
    ],
  },
  {
    name: 'suspensions-act-whatever-the-list',
    purpose: 'A suspension acts at once, whatever becomes of its list.',
    killedBy: [
      {
        file: 'services/mutual-recognition/src/domain/list/verify-list.test.ts',
        test: 'suspensions and revocations act at once > of a list with a row that cannot be used',
        assertion: "to deeply equal [ [ 'p1', 'suspended' ], …(1) ]",
      },
    ],
  },
  {
    name: 'suspensions-ahead-of-the-list',
    purpose: 'Suspensions jump the queue of a long list.',
    killedBy: [
      {
        file: 'services/mutual-recognition/src/application/receiving/receive-list.int.test.ts',
        test: 'a large list is published in chunks, suspensions first and its activation last',
        assertion: "expected 'membership p0' to be 'suspension zz'",
      },
    ],
  },
  {
    name: 'activation-after-acknowledgement',
    purpose: 'A list comes into force once the brokers have every member of it.',
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
    name: 'alarm-of-many-suspensions',
    purpose: 'Very many suspensions at once act, and somebody is told.',
    killedBy: [
      {
        file: 'services/mutual-recognition/src/application/receiving/receive-list.int.test.ts',
        test: 'a list that suspends very many operators at once acts, and their number is reported',
        assertion: 'to deeply equal [ 25 ]',
      },
    ],
  },
  {
    name: 'lists-of-a-complete-registry',
    purpose: 'A partner is not told of a benefit that was suspended a moment before.',
    killedBy: [
      {
        file: 'services/mutual-recognition/src/service.int.test.ts',
        test: 'a list holds everything committed before the call, however late it is received',
        assertion: "to deeply equal [ { status: 'suspended' } ]",
      },
    ],
  },
  {
    name: 'unanswered-absence-after-a-day',
    purpose: 'An absence that nobody answers gives no benefit after a day.',
    killedBy: [
      {
        file: 'services/mutual-recognition/src/application/receiving/receive-list.int.test.ts',
        test: 'absences unanswered for a day end the benefit, until a person refuses them',
        assertion: 'to be 20',
      },
    ],
  },
];
