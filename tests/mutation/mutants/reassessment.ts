import type { Mutant } from '../mutant.ts';

/** Mechanisms of degraded answers, the spool, the cache and re-evaluation. */
export const reassessmentMutants: readonly Mutant[] = [
  {
    name: 'spool',
    purpose: 'A decision that could not be recorded is recorded later.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/application/deciding/assessor.test.ts',
        test: 'without the ledger a score of 950 still counts; it is recorded when the ledger is back',
        assertion: 'to deeply equal [ +0, 1 ]',
      },
    ],
  },
  {
    name: 'spool-of-deadline-answers',
    purpose: 'An answer given at its deadline before the record is recorded later.',
    killedBy: [
      {
        file: 'tests/faults/ledger-unavailable.test.ts',
        test: 'an answer without a record is counted, and recorded by the next process after a kill',
        assertion: "to deeply equal [ 'CUT-0'",
      },
    ],
  },
  {
    name: 'unrecorded-answers-counted',
    purpose: 'Answers without a record are counted.',
    killedBy: [
      {
        file: 'tests/faults/ledger-unavailable.test.ts',
        test: 'an answer without a record is counted, and recorded by the next process after a kill',
        assertion: 'expected +0 to be ',
      },
    ],
  },
  {
    name: 'spool-entry-deleted-after-record',
    purpose: 'A spooled answer is deleted once it is recorded.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/adapters/spool.file.int.test.ts',
        test: 'a long spool is drained in order and in chunks, each deleted once it is taken',
        assertion: "to deeply equal [ 'D0', 'D1', 'D2', 'D3', …(6396) ]",
      },
    ],
  },
  {
    name: 'answer-without-ledger',
    purpose: 'A declaration is answered when the ledger is unavailable.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/application/deciding/assessor.test.ts',
        test: 'whatever fails at the ledger, every declaration of a batch is answered',
        assertion: 'to deeply equal [ false, false ]',
      },
    ],
  },
  {
    name: 'answer-by-deadline',
    purpose: 'A declaration is answered by its deadline when the ledger hangs.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/edge/grpc/assess.test.ts',
        test: 'a message is answered at its deadline, and its decision is recorded all the same',
        assertion: 'to have a length of 1',
      },
    ],
  },
  {
    name: 'cache-final-decisions-only',
    purpose: 'Redis holds only final decisions.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/application/deciding/decision-cache.test.ts',
        test: 'a provisional, refused or unrecorded decision is not cached',
        assertion: 'to have a length of 2',
      },
    ],
  },
  {
    name: 'cache-content-check',
    purpose: 'An answer from Redis belongs to the same content.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/application/deciding/decision-cache.test.ts',
        test: 'other content under the same version is not answered from the cache',
        assertion: "to deeply equal [ 'once a', 'once a' ]",
      },
    ],
  },
  {
    name: 'cache-timeout',
    purpose: 'A Redis that does not answer delays no decision.',
    killedBy: [
      {
        file: 'services/platform/src/redis.int.test.ts',
        test: 'a cache server that stops answering costs one short wait, and is then not used',
        assertion: "expected [ 'no answer', 'no answer' ] to deeply equal",
      },
    ],
  },
  {
    name: 'degraded-decisions-re-evaluated',
    purpose: 'A degraded decision is re-evaluated.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/application/reassessment/reassessment.test.ts',
        test: 'rows that stay degraded do not block the rows after them',
        assertion: "to include 'again D0220'",
      },
    ],
  },
  {
    name: 're-evaluation-on-status-change',
    purpose: 'An open decision is re-evaluated when a status changes.',
    killedBy: [
      {
        file: 'tests/system/reassessment.test.ts',
        test: 'a status change produces one new revision of each affected open decision, with several nodes',
        assertion: 'expected +0 to be 450',
      },
    ],
  },
  {
    name: 're-evaluation-of-concurrent-decisions',
    purpose: 'A decision that was being made during a status change is re-evaluated.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/application/reassessment/reassessment.test.ts',
        test: 'a changed operator is looked up until no decision made before its change can be in progress',
        assertion: 'expected 1000000 to be 1005000',
      },
    ],
  },
  {
    name: 'control-closes-decision',
    purpose: 'A controlled decision is not re-evaluated.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/adapters/decision-store.postgres.int.test.ts',
        test: 'a control closes the decision: a re-evaluation that began before it records nothing',
        assertion: "to deeply equal [ 'lost' ]",
      },
    ],
  },
  {
    name: 'released-decision-final',
    purpose: 'A decision that released goods at presentation is not re-evaluated.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/decision/same-outcome.test.ts',
        test: 'at stage 2, provisional true, lane 1: open is false',
        assertion: 'expected true to be false',
      },
    ],
  },
];
