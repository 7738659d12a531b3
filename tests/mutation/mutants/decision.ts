import type { Mutant } from '../mutant.ts';

/** Mechanisms of the decision, its record and its re-evaluation. */
export const decisionMutants: readonly Mutant[] = [
  {
    name: 'status-age-limit-in-node',
    purpose: 'A status older than the limit T gives no benefit.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/freshness.test.ts',
        test: 'a time just older, the error of the clock counted against it: fresh is 8049',
        assertion: 'expected true to be false',
      },
    ],
  },
  {
    name: 'no-credit-from-stale-source',
    purpose: 'Each decision uses the age of its sources.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/application/deciding/assessor.test.ts',
        test: 'a status that is too old gives no benefit, and the decision names the reason',
        assertion: 'to match object { noBenefit: [ 1 ], …(2) }',
      },
    ],
  },
  {
    name: 'status-age-limit-without-kafka',
    purpose: 'A node that cannot reach Kafka gives no benefit after T.',
    killedBy: [
      {
        file: 'tests/faults/kafka-unreachable-from-node.test.ts',
        test: 'a node that cannot reach Kafka (cut) gives no benefit after two seconds, states the reason and re-evaluates afterwards',
        assertion: 'expected true to be false',
      },
    ],
  },
  {
    name: 'status-age-limit-at-record',
    purpose: 'A process that was frozen records no benefit.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/adapters/decision-store.postgres.int.test.ts',
        test: 'a status that grows too old while a lock is waited for gives no benefit',
        assertion: "to deeply equal [ 'stale' ]",
      },
    ],
  },
  {
    name: 'clock-read-after-locks',
    purpose: 'A statement that waited for a lock records no benefit from a status that became stale.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/adapters/decision-store.postgres.int.test.ts',
        test: 'a status that grows too old while a lock is waited for gives no benefit',
        assertion: "to deeply equal [ 'stale' ]",
      },
    ],
  },
  {
    name: 'ledger-commit-before-answer',
    purpose: 'An answer is on record.',
    killedBy: [
      {
        file: 'tests/system/decisions.test.ts',
        test: 'two nodes that receive the same declaration by RPC and topic decide it once',
        assertion: 'to deeply equal [ …(2) ]',
      },
    ],
  },
  {
    name: 'one-decision-by-primary-key',
    purpose: 'Each revision has one decision, with any number of nodes.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/adapters/decision-store.postgres.int.test.ts',
        test: 'of nodes that record one revision at once one has decided, and all answer with its bytes',
        assertion: 'to have a length of 1',
      },
    ],
  },
  {
    name: 'concurrent-answer-from-stored-bytes',
    purpose: 'A node that lost the race answers with the recorded bytes of the winner.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/adapters/decision-store.postgres.int.test.ts',
        test: 'of nodes that record one revision at once one has decided, and all answer with its bytes',
        assertion: 'to deeply equal [ …(5) ]',
      },
    ],
  },
  {
    name: 'declaration-content-hash',
    purpose: 'A version of a declaration has one content.',
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
    name: 'fallback-lane-without-score',
    purpose: 'Nothing is released without a score.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/decision/decide.test.ts',
        test: 'without a score > goods get the fallback lane, never green or blue by credit',
        assertion: 'to match object { lane: 3, provisional: true }',
      },
    ],
  },
  {
    name: 'no-credit-without-ledger',
    purpose: 'A decision that is not recorded gives no benefit.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/decision/decide.test.ts',
        test: 'a certified party > gets nothing without the ledger',
        assertion: 'expected 195 to be +0',
      },
    ],
  },
  {
    name: 'highest-credit-of-parties',
    purpose: 'The credits of the parties are not added up.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/decision/decide.test.ts',
        test: 'a certified party > counts once: the highest share, never a sum',
        assertion: 'to match object { credit: 97, creditedMatch: 1 }',
      },
    ],
  },
  {
    name: 'clock-error-bound',
    purpose: 'The error of a slow clock answer is counted against the age of a status.',
    killedBy: [
      {
        file: 'services/platform/src/clock.test.ts',
        test: 'half of the round trip counts as error, since either half may be the longer one',
        assertion: 'to be greater than or equal to',
      },
    ],
  },
  {
    name: 'clock-reading-expiry',
    purpose: 'A clock reading that is too old is not used.',
    killedBy: [
      {
        file: 'services/platform/src/clock.test.ts',
        test: 'an old observation gives no reading',
        assertion: 'expected { nowMs: 5001002, errorMs: 1.501 } to be undefined',
      },
    ],
  },
];
