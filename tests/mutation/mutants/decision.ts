import type { Mutant } from '../mutant.ts';

/** In the decision, its record and what is decided again. */
export const decisionMutants: readonly Mutant[] = [
  {
    name: 'age-of-status-in-the-node',
    purpose: 'A status older than T gives no benefit.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/freshness.test.ts',
        test: 'a time just older, the error of the clock counted against it: fresh is 8049',
        assertion: 'expected true to be false',
      },
    ],
  },
  {
    name: 'stale-sources-give-no-credit',
    purpose: 'What a node knows of its age is used in each decision.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/application/deciding/assessor.test.ts',
        test: 'a status that is too old gives no benefit, and the decision says so',
        assertion: 'to match object { noBenefit: [ 1 ], …(2) }',
      },
    ],
  },
  {
    name: 'status-age-cut-node',
    purpose: 'A node that is cut off from Kafka gives no benefit after T.',
    killedBy: [
      {
        file: 'tests/faults/kafka-unreachable-from-node.test.ts',
        test: 'a node whose way to Kafka is taken away (cut) gives no benefit after two seconds, says why, and mends it afterwards',
        assertion: 'expected true to be false',
      },
    ],
  },
  {
    name: 'age-of-status-in-the-record-statement',
    purpose: 'A process that slept records no benefit.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/adapters/decision-store.postgres.int.test.ts',
        test: 'a status that grows too old while a lock is waited for gives no benefit',
        assertion: "to deeply equal [ 'stale' ]",
      },
    ],
  },
  {
    name: 'clock-after-the-locks',
    purpose: 'Nor does one that waited for a lock.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/adapters/decision-store.postgres.int.test.ts',
        test: 'a status that grows too old while a lock is waited for gives no benefit',
        assertion: "to deeply equal [ 'stale' ]",
      },
    ],
  },
  {
    name: 'commit-before-answer',
    purpose: 'What is answered is on record.',
    killedBy: [
      {
        file: 'tests/system/decisions.test.ts',
        test: 'two nodes asked for the same declaration at once, over RPC and the topic, decide it once',
        assertion: 'to deeply equal [ …(2) ]',
      },
    ],
  },
  {
    name: 'arbitration-by-primary-key',
    purpose: 'One decision for each revision, however many nodes decide.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/adapters/decision-store.postgres.int.test.ts',
        test: 'of nodes that record one revision at once one has decided, and all answer with its bytes',
        assertion: 'to have a length of 1',
      },
    ],
  },
  {
    name: 'losers-answer-with-stored-bytes',
    purpose: 'Who lost the race answers with what the winner recorded.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/adapters/decision-store.postgres.int.test.ts',
        test: 'of nodes that record one revision at once one has decided, and all answer with its bytes',
        assertion: 'to deeply equal [ …(5) ]',
      },
    ],
  },
  {
    name: 'content-hash',
    purpose: 'One version of a declaration has one content.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/application/deciding/assessor.test.ts',
        test: 'a version that was decided with other content is refused, and nothing is recorded',
        assertion: "to match object [ { code: 'conflict', …(2) } ]",
      },
    ],
    initiallySurvived: 'the named test; a second check, on the way back to the caller, had hidden it',
  },
  {
    name: 'fallback-lane',
    purpose: 'Without a score nothing is released.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/decision/decide.test.ts',
        test: 'without a score > goods get the fallback lane, never green or blue by credit',
        assertion: 'to match object { lane: 3, provisional: true }',
      },
    ],
  },
  {
    name: 'no-credit-without-the-ledger',
    purpose: 'No benefit without a record.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/decision/decide.test.ts',
        test: 'a certified party > gets nothing without the ledger',
        assertion: 'expected 195 to be +0',
      },
    ],
  },
  {
    name: 'highest-credit-never-a-sum',
    purpose: 'Parties do not add up.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/decision/decide.test.ts',
        test: 'a certified party > counts once: the highest share, never a sum',
        assertion: 'to match object { credit: 97, creditedMatch: 1 }',
      },
    ],
  },
  {
    name: 'clock-with-its-error',
    purpose: 'A slow answer about the time is believed as far as it can be true.',
    killedBy: [
      {
        file: 'services/platform/src/clock.test.ts',
        test: 'half of the round trip counts as error, since either half may be the longer one',
        assertion: 'to be greater than or equal to',
      },
    ],
  },
  {
    name: 'old-clock-is-no-clock',
    purpose: 'A clock that is not heard from any more is none.',
    killedBy: [
      {
        file: 'services/platform/src/clock.test.ts',
        test: 'an old observation gives no reading',
        assertion: 'expected { nowMs: 5001002, errorMs: 1.501 } to be undefined',
      },
    ],
  },
];
