import type { Mutant } from '../mutant.ts';

/** Between the topics and their effects. */
export const consumerMutants: readonly Mutant[] = [
  {
    name: 'commit-after-effect',
    purpose: 'A record whose effect did not happen is delivered again.',
    killedBy: [
      {
        file: 'services/platform/src/kafka/consumer.int.test.ts',
        test: 'a consumer that stops before its effect receives the message again',
        assertion: "to deeply equal [ 'only' ]",
      },
    ],
  },
  {
    name: 'dead-letter-before-commit',
    purpose: 'A record that cannot be handled is set aside before it is passed over.',
    killedBy: [
      {
        file: 'services/platform/src/kafka/consumer.int.test.ts',
        test: 'a record that cannot be written to the dead-letter topic is not skipped',
        assertion: "expected [ 'bad', 'after' ] to not include 'after'",
      },
    ],
    initiallySurvived: 'the named test, in which the topic of dead letters is away',
  },
  {
    name: 'dead-letters-larger-than-records',
    purpose: 'The largest record, with what is added to it, still fits among the dead letters.',
    initiallySurvived:
      'The test sent a record 300 bytes below the limit; what is added to it fitted. It is 200 bytes now.',
    killedBy: [
      {
        file: 'tests/faults/consumer-faults.test.ts',
        test: 'as many bytes as the broker takes: set aside as BODY_MALFORMED, and what is behind it is delayed five seconds at most',
        assertion: 'expected undefined to be 1',
      },
    ],
  },
  {
    name: 'unavailable-never-dead-lettered',
    purpose: 'What may end by waiting sets nothing aside.',
    killedBy: [
      {
        file: 'services/platform/src/kafka/consumer.int.test.ts',
        test: 'an unavailable dependency loses no record, makes no dead letter and keeps the order',
        assertion: "to deeply equal [ '1', '2', '3', '4' ]",
      },
    ],
  },
  {
    name: 'conflict-tried-again',
    purpose: 'A lost race is tried again before the record is set aside.',
    killedBy: [
      {
        file: 'services/platform/src/kafka/consumer.int.test.ts',
        test: 'a conflict is tried five times and then becomes a dead letter',
        assertion: "to deeply equal [ 'x', 'x', 'x', 'x', 'x', 'after' ]",
      },
    ],
  },
  {
    name: 'unknown-outcomes-set-aside',
    purpose: 'What this version cannot understand is set aside, not passed over in silence.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/edge/kafka/control-recorded.test.ts',
        test: 'a control with the unknown outcome 99 becomes a dead letter',
        assertion: "expected 'passed over' to match object",
      },
      {
        file: 'services/risk-scoring/src/edge/kafka/control-recorded.test.ts',
        test: 'the unknown outcome 99 is refused, as it would count as a finding',
        assertion: "expected 'passed over' to match object",
      },
    ],
    initiallySurvived: 'in the scorer, for which the test named last was added',
  },
  {
    name: 'heartbeat-within-a-batch',
    purpose: 'A batch that takes longer than a session keeps its place in the group.',
    killedBy: [
      {
        file: 'services/platform/src/kafka/group.int.test.ts',
        test: 'a batch that takes longer than a session leaves its member in the group: no record comes twice',
        assertion: "to deeply equal [ 'l00', 'l01', 'l02'",
      },
    ],
  },
  {
    name: 'work-under-way-at-a-stop',
    purpose: 'What was done while a service stops is not done again after its start.',
    killedBy: [
      {
        file: 'services/platform/src/kafka/group.int.test.ts',
        test: 'a record handled while the consumer stops is committed',
        assertion: "to deeply equal [ 'only', 'later' ]",
      },
    ],
  },
  {
    name: 'own-consumer-group',
    purpose: 'Each node reads every partition, whatever other nodes read.',
    killedBy: [
      {
        file: 'services/platform/src/kafka/broadcast.int.test.ts',
        test: 'a second node of the same service takes no partition from the first',
        assertion: "to deeply equal [ 'v0', 'v1', 'v10', 'v11', …(16) ]",
      },
    ],
  },
  {
    name: 'caught-up-before-ready',
    purpose: 'A node answers only when it has read what was there at its start.',
    killedBy: [
      {
        file: 'services/platform/src/kafka/broadcast.int.test.ts',
        test: 'every reader gets every record of every partition and knows when it has caught up',
        assertion: "to deeply equal [ 'v0', 'v1', 'v10', 'v11', …(36) ]",
      },
    ],
  },
  {
    name: 'place-kept-when-joining-again',
    purpose: 'A node that joins its group again goes on where it was.',
    killedBy: [
      {
        file: 'services/platform/src/kafka/broadcast.int.test.ts',
        test: 'a reader that loses its place in the group continues where it was',
        assertion: "to deeply equal [ 'a', 'b', 'c', 'd', 'e', 'f', …(4) ]",
      },
    ],
  },
  {
    name: 'snapshot-of-another-cluster',
    purpose: 'Positions of another cluster mean nothing in this one.',
    killedBy: [
      {
        file: 'services/platform/src/kafka/broadcast.int.test.ts',
        test: 'a snapshot of another cluster is not continued',
        assertion: 'expected false to be true',
      },
    ],
  },
  {
    name: 'own-topic-read-back',
    purpose: 'An older version that got behind a newer one is covered again before compaction keeps it.',
    killedBy: [
      {
        file: 'services/platform/src/kafka/own-topic.int.test.ts',
        test: 'a version that goes backwards is followed by the present one, once',
        assertion: "to deeply equal [ 'a' ]",
      },
      {
        file: 'services/aeo-registry/src/service.int.test.ts',
        test: 'an older status after a newer one on the topic is followed by the present one again',
        assertion: 'to deeply equal [ 1n, 2n, 1n, 2n ]',
      },
    ],
  },
];
