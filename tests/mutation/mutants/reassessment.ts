import type { Mutant } from '../mutant.ts';

/** What is answered, kept and decided again when something is away or changes. */
export const reassessmentMutants: readonly Mutant[] = [
  {
    name: 'spool',
    purpose: 'What could not be recorded is recorded later.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/application/deciding/assessor.test.ts',
        test: 'without the ledger a score of 950 still counts; it is recorded when the ledger is back',
        assertion: 'to deeply equal [ +0, 1 ]',
      },
    ],
  },
  {
    name: 'late-answers-kept',
    purpose: 'What was answered at its deadline, before anything was recorded, is recorded later.',
    killedBy: [
      {
        file: 'tests/faults/ledger-unavailable.test.ts',
        test: 'what was answered without a record is counted, and recorded by the next process after a kill -9',
        assertion: "to deeply equal [ 'CUT-0'",
      },
    ],
  },
  {
    name: 'unrecorded-counted',
    purpose: 'Answers without a record are counted.',
    killedBy: [
      {
        file: 'tests/faults/ledger-unavailable.test.ts',
        test: 'what was answered without a record is counted, and recorded by the next process after a kill -9',
        assertion: 'expected +0 to be ',
      },
    ],
  },
  {
    name: 'spool-forgets-after-the-record',
    purpose: 'What was kept is forgotten once it is recorded.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/adapters/spool.file.int.test.ts',
        test: 'however much is kept, it is handed over in order, in chunks, each forgotten once taken',
        assertion: "to deeply equal [ 'D0', 'D1', 'D2', 'D3', …(6396) ]",
      },
    ],
  },
  {
    name: 'answers-without-the-ledger',
    purpose: 'A declaration is answered whatever the ledger does.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/application/deciding/assessor.test.ts',
        test: 'whatever fails at the ledger, every declaration of a batch is answered',
        assertion: 'to deeply equal [ false, false ]',
      },
    ],
  },
  {
    name: 'answered-by-the-deadline',
    purpose: 'Nor does a ledger that hangs keep an answer waiting.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/edge/grpc/assess.test.ts',
        test: 'a message is answered at its deadline, and its decision is recorded all the same',
        assertion: 'to have a length of 1',
      },
    ],
  },
  {
    name: 'cache-holds-nothing-that-may-change',
    purpose: 'An answer from Redis is final.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/application/deciding/decision-cache.test.ts',
        test: 'a provisional, refused or unrecorded decision is not cached',
        assertion: 'to have a length of 2',
      },
    ],
  },
  {
    name: 'cache-answers-the-same-content-alone',
    purpose: 'An answer from Redis is to the same question.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/application/deciding/decision-cache.test.ts',
        test: 'other content under the same version is not answered from the cache',
        assertion: "to deeply equal [ 'once a', 'once a' ]",
      },
    ],
  },
  {
    name: 'silent-cache-passed-by',
    purpose: 'A Redis that falls silent keeps no answer waiting.',
    killedBy: [
      {
        file: 'services/platform/src/redis.int.test.ts',
        test: 'a cache server that stops answering costs one short wait, and is then not used',
        assertion: "expected [ 'no answer', 'no answer' ] to deeply equal",
      },
    ],
  },
  {
    name: 'degraded-decided-again',
    purpose: 'A degraded decision is made again.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/application/reassessment/reassessment.test.ts',
        test: 'rows that stay degraded do not block the rows after them',
        assertion: "to include 'again D0220'",
      },
    ],
  },
  {
    name: 'status-changes-decided-again',
    purpose: 'An open decision is made again when a status changes.',
    killedBy: [
      {
        file: 'tests/system/reassessment.test.ts',
        test: 'a status change is answered by one new revision of each open decision it touches, however many nodes there are',
        assertion: 'expected +0 to be 450',
      },
    ],
  },
  {
    name: 'decisions-under-way-decided-again',
    purpose: 'Also one that was under way when it changed.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/application/reassessment/reassessment.test.ts',
        test: 'a changed operator is looked up until no decision made before its change can be in progress',
        assertion: 'expected 1000000 to be 1005000',
      },
    ],
  },
  {
    name: 'control-closes-the-decision',
    purpose: 'What was controlled is not decided again.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/adapters/decision-store.postgres.int.test.ts',
        test: 'a control closes the decision: nothing is decided again, not even by who looked before it',
        assertion: "to deeply equal [ 'lost' ]",
      },
    ],
  },
  {
    name: 'released-goods-stand',
    purpose: 'What was released at presentation is not decided again.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/decision/same-outcome.test.ts',
        test: 'at stage 2, provisional true, lane 1: open is false',
        assertion: 'expected true to be false',
      },
    ],
  },
];
