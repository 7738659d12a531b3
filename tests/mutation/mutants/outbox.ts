import type { Mutant } from '../mutant.ts';

/** Mechanisms between a commit and the topics: outbox and relay. */
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
    name: 'outbox-in-same-transaction',
    purpose: 'An event is published if and only if its change was committed.',
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
    name: 'outbox-without-high-water-mark',
    purpose: 'A row that commits after rows with higher ids is published as well.',
    killedBy: [
      {
        file: 'services/platform/src/outbox/relay.int.test.ts',
        test: 'of two overlapping transactions the one that commits late is not skipped',
        assertion: 'to have a length of 2',
      },
    ],
  },
  {
    name: 'outbox-delete-after-acknowledgement',
    purpose: 'An outbox row stays until the brokers have acknowledged it.',
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
    purpose: 'A heartbeat follows everything that was committed before its time.',
    killedBy: [
      {
        file: 'services/platform/src/outbox/relay.int.test.ts',
        test: 'a heartbeat never states a time before which a row is unpublished',
        assertion: 'expected false to be true',
      },
    ],
  },
  {
    name: 'no-heartbeat-over-round-limit',
    purpose: 'No heartbeat is sent while more rows wait than one round takes.',
    killedBy: [
      {
        file: 'services/platform/src/outbox/relay.int.test.ts',
        test: 'a relay with more rows than one round publishes sends no heartbeat',
        assertion: 'to have a length of 30',
      },
    ],
  },
  {
    name: 'clock-read-before-rows',
    purpose: 'The time of a heartbeat is read before the rows, in a separate statement.',
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
    name: 'relay-lock-timeout',
    purpose: 'A frozen relay loses its lock.',
    killedBy: [
      {
        file: 'services/platform/src/outbox/lock.int.test.ts',
        test: 'a relay whose process is frozen loses the lock, and another takes over within seven seconds',
        assertion: "to deeply equal [ 'after' ]",
      },
    ],
  },
  {
    name: 'relay-lock-kept-while-sending',
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
    name: 'commit-wakes-relay',
    purpose: 'An event is published at once after its commit, not at the next poll.',
    killedBy: [
      {
        file: 'services/platform/src/outbox/relay.int.test.ts',
        test: 'a commit with events wakes the relay long before its poll, and one that is rolled back does not',
        assertion: "expected undefined to be 'one'",
      },
    ],
  },
  {
    name: 'service-commit-wakes-relay',
    purpose: 'The commits of every service wake its relay.',
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
    name: 'producer-replaced-after-error',
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
    name: 'dead-letter-producer-replaced-after-error',
    purpose: 'The producer of dead letters is replaced after an error.',
    killedBy: [
      {
        file: 'services/platform/src/kafka/producer.test.ts',
        test: 'a producer that failed is ended and never used again',
        assertion: "to deeply equal [ 'refused', 'sent', 'sent' ]",
      },
    ],
  },
  {
    name: 'outbox-row-size-limit',
    purpose:
      'A row larger than the broker accepts is refused at the write, because it would block all others.',
    killedBy: [
      {
        file: 'services/platform/src/outbox/append.test.ts',
        test: 'an event that no broker would accept is refused before it is written',
        assertion: "to throw an error, but it didn't",
      },
    ],
  },
  {
    name: 'relay-round-size-limit',
    purpose: 'A round of the relay fits into one batch of the broker.',
    killedBy: [
      {
        file: 'services/platform/src/outbox/relay.int.test.ts',
        test: 'rows of more than one batch are all published, and no heartbeat before the last',
        assertion: "expected undefined to be 'last'",
      },
    ],
  },
];
