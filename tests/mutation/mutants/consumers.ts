import type { Mutant } from '../mutant.ts';

/** Mechanisms between the topics and their effects. */
export const consumerMutants: readonly Mutant[] = [
  {
    name: 'offset-commit-after-effect',
    purpose: 'A record whose effect failed is delivered again.',
    killedBy: [
      {
        file: 'services/platform/src/kafka/consumer.int.test.ts',
        test: 'a consumer that stops before its effect receives the message again',
        assertion: "to deeply equal [ 'only' ]",
      },
    ],
  },
  {
    name: 'dead-letter-before-offset-commit',
    purpose: 'A record that cannot be handled is dead-lettered before its offset is committed.',
    killedBy: [
      {
        file: 'services/platform/src/kafka/consumer.int.test.ts',
        test: 'a record that cannot be written to the dead-letter topic is not skipped',
        assertion: "expected [ 'bad', 'after' ] to not include 'after'",
      },
    ],
    initiallySurvived: 'the named test, in which the dead-letter topic is unavailable',
  },
  {
    name: 'dead-letter-size-limit',
    purpose: 'The largest record fits into the dead-letter topic together with the added headers.',
    initiallySurvived:
      'The test sent a record 300 bytes below the limit, which left room for the added headers; it is 200 bytes now.',
    killedBy: [
      {
        file: 'tests/faults/consumer-faults.test.ts',
        test: 'a record of as many bytes as the broker accepts is dead-lettered as BODY_MALFORMED and delays the next record by five seconds at most',
        assertion: 'expected undefined to be 1',
      },
    ],
  },
  {
    name: 'unavailable-not-dead-lettered',
    purpose: 'A record that fails because a dependency is unavailable is not dead-lettered.',
    killedBy: [
      {
        file: 'services/platform/src/kafka/consumer.int.test.ts',
        test: 'an unavailable dependency loses no record, makes no dead letter and keeps the order',
        assertion: "to deeply equal [ '1', '2', '3', '4' ]",
      },
    ],
  },
  {
    name: 'conflict-retried',
    purpose: 'A record that fails by a conflict is retried before it is dead-lettered.',
    killedBy: [
      {
        file: 'services/platform/src/kafka/consumer.int.test.ts',
        test: 'a conflict is tried five times and then becomes a dead letter',
        assertion: "to deeply equal [ 'x', 'x', 'x', 'x', 'x', 'after' ]",
      },
    ],
  },
  {
    name: 'unknown-outcome-dead-lettered',
    purpose: 'A record with a value unknown to this version is dead-lettered, not skipped silently.',
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
    name: 'group-heartbeat-within-batch',
    purpose: 'A consumer that works on a batch longer than its session stays in the group.',
    killedBy: [
      {
        file: 'services/platform/src/kafka/group.int.test.ts',
        test: 'a batch that takes longer than a session leaves its member in the group: no record comes twice',
        assertion: "to deeply equal [ 'l00', 'l01', 'l02'",
      },
    ],
  },
  {
    name: 'finish-record-before-stop',
    purpose: 'The record that is being handled at a stop is committed and not handled again.',
    killedBy: [
      {
        file: 'services/platform/src/kafka/group.int.test.ts',
        test: 'a record handled while the consumer stops is committed',
        assertion: "to deeply equal [ 'only', 'later' ]",
      },
    ],
  },
  {
    name: 'consumer-group-per-node',
    purpose: 'Each node reads every partition, independently of other nodes.',
    killedBy: [
      {
        file: 'services/platform/src/kafka/broadcast.int.test.ts',
        test: 'a second node of the same service takes no partition from the first',
        assertion: "to deeply equal [ 'v0', 'v1', 'v10', 'v11', …(16) ]",
      },
    ],
  },
  {
    name: 'catch-up-before-ready',
    purpose: 'A node is ready only after it has read what was on the topic at its start.',
    killedBy: [
      {
        file: 'services/platform/src/kafka/broadcast.int.test.ts',
        test: 'every reader gets every record of every partition and knows when it has caught up',
        assertion: "to deeply equal [ 'v0', 'v1', 'v10', 'v11', …(36) ]",
      },
    ],
  },
  {
    name: 'offset-kept-after-rejoin',
    purpose: 'A node that joins its group again continues at its offset.',
    killedBy: [
      {
        file: 'services/platform/src/kafka/broadcast.int.test.ts',
        test: 'a reader that loses its place in the group continues where it was',
        assertion: "to deeply equal [ 'a', 'b', 'c', 'd', 'e', 'f', …(4) ]",
      },
    ],
  },
  {
    name: 'snapshot-cluster-check',
    purpose: 'A snapshot with offsets of another cluster is refused.',
    killedBy: [
      {
        file: 'services/platform/src/kafka/broadcast.int.test.ts',
        test: 'a snapshot of another cluster is not continued',
        assertion: 'expected false to be true',
      },
    ],
  },
  {
    name: 'own-topic-verification',
    purpose: 'An older version published behind a newer one is covered by the current one before compaction.',
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
