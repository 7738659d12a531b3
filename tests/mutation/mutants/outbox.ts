import type { Mutant } from '../mutant.ts';

/** Between a commit and the topics: outbox and relay. */
export const outboxMutants: readonly Mutant[] = [
  {
    name: 'inbox',
    purpose: 'An event that is delivered twice has its effect once.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/service.int.test.ts',
        test: 'a control is added once to the record of each of our operators on the declaration',
        assertion: 'to deeply equal { …(6) }',
      },
    ],
  },
  {
    name: 'outbox-in-the-same-transaction',
    purpose: 'An event goes out if and only if its change was committed.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/adapters/operator-store.postgres.int.test.ts',
        test: 'a transaction that fails after saving neither stores nor publishes',
        assertion: 'to have a length of 1',
      },
    ],
    initiallySurvived: 'the named test, in which the work fails after the save',
  },
  {
    name: 'rows-not-by-highest-id',
    purpose: 'A row that commits after rows with higher numbers is published as well.',
    killedBy: [
      {
        file: 'services/platform/src/outbox/relay.int.test.ts',
        test: 'of two overlapping transactions the one that commits late is not skipped',
        assertion: 'to have a length of 2',
      },
    ],
  },
  {
    name: 'delete-after-acknowledgement',
    purpose: 'A row is there until the brokers have it.',
    killedBy: [
      {
        file: 'services/platform/src/outbox/relay.int.test.ts',
        test: 'a producer that fails is replaced and nothing is lost',
        assertion: "to deeply equal [ 'kept' ]",
      },
    ],
  },
  {
    name: 'heartbeat-after-acknowledgement',
    purpose: 'A heartbeat follows everything committed before its time.',
    killedBy: [
      {
        file: 'services/platform/src/outbox/relay.int.test.ts',
        test: 'a heartbeat never states a time before which a row is unpublished',
        assertion: 'expected false to be true',
      },
    ],
  },
  {
    name: 'heartbeat-withheld-over-the-limit',
    purpose: 'While more waits than one round takes, nobody says that everything is out.',
    killedBy: [
      {
        file: 'services/platform/src/outbox/relay.int.test.ts',
        test: 'a relay with more rows than one round publishes sends no heartbeat',
        assertion: 'to have a length of 30',
      },
    ],
  },
  {
    name: 'clock-before-rows',
    purpose: 'The time of a heartbeat is read before the rows, in a statement of its own.',
    killedBy: [
      {
        file: 'services/platform/src/outbox/killed.int.test.ts',
        test: 'a row committed between the reads of clock and rows is published before a heartbeat states that time',
        assertion: 'to deeply equal []',
      },
    ],
  },
  {
    name: 'relay-lock',
    purpose: 'One relay of a database publishes at a time, so that order is kept.',
    killedBy: [
      {
        file: 'services/platform/src/outbox/lock.int.test.ts',
        test: 'of two relays one publishes everything and the other nothing, until it takes over',
        assertion: 'to have a length of 60',
      },
    ],
  },
  {
    name: 'lock-of-a-frozen-relay',
    purpose: 'A relay that is frozen loses its lock.',
    killedBy: [
      {
        file: 'services/platform/src/outbox/lock.int.test.ts',
        test: 'a relay whose process is frozen loses the lock, and another takes over within seven seconds',
        assertion: "to deeply equal [ 'after' ]",
      },
    ],
  },
  {
    name: 'lock-kept-while-sending',
    purpose: 'A relay that waits for Kafka keeps its lock.',
    killedBy: [
      {
        file: 'services/platform/src/outbox/lock.int.test.ts',
        test: 'a relay that waits long for Kafka keeps its lock',
        assertion: 'to deeply equal [ 1, +0 ]',
      },
    ],
  },
  {
    name: 'commit-wakes-the-relay',
    purpose: 'What was committed goes out at once, not at the next poll.',
    killedBy: [
      {
        file: 'services/platform/src/outbox/relay.int.test.ts',
        test: 'a commit with events wakes the relay long before its poll, and one that is rolled back does not',
        assertion: "expected undefined to be 'one'",
      },
    ],
  },
  {
    name: 'commit-of-a-service-wakes-its-relay',
    purpose: 'Every service is built so.',
    killedBy: [
      {
        file: 'services/platform/src/infrastructure.int.test.ts',
        test: 'a commit of a service wakes its relay before the next poll',
        assertion: "expected undefined to be 'one'",
      },
    ],
    initiallySurvived: 'the named test, in which the relay never polls',
  },
  {
    name: 'producer-recreated',
    purpose: 'A producer that failed is never used again.',
    killedBy: [
      {
        file: 'services/platform/src/outbox/relay.int.test.ts',
        test: 'a producer that fails is replaced and nothing is lost',
        assertion: "to deeply equal [ 'kept' ]",
      },
    ],
  },
  {
    name: 'dead-letter-producer-recreated',
    purpose: 'The producer of dead letters is made anew after an error.',
    killedBy: [
      {
        file: 'services/platform/src/kafka/producer.test.ts',
        test: 'a producer that failed is ended and never used again',
        assertion: "to deeply equal [ 'refused', 'sent', 'sent' ]",
      },
    ],
  },
  {
    name: 'rows-no-broker-takes',
    purpose: 'A row that no broker takes is never written, for it would hold up all others.',
    killedBy: [
      {
        file: 'services/platform/src/outbox/append.test.ts',
        test: 'an event that no broker would accept is refused before it is written',
        assertion: "to throw an error, but it didn't",
      },
    ],
  },
  {
    name: 'round-within-a-batch',
    purpose: 'A round stays within what a broker takes at once.',
    killedBy: [
      {
        file: 'services/platform/src/outbox/relay.int.test.ts',
        test: 'rows of more than one batch are all published, and no heartbeat before the last',
        assertion: "expected undefined to be 'last'",
      },
    ],
  },
];
