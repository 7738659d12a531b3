import type { Mutant } from '../mutant.ts';

/** In the view of statuses that every decision node holds. */
export const statusMutants: readonly Mutant[] = [
  {
    name: 'version-fence',
    purpose: 'A status never goes back to an older version.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/status-view.test.ts',
        test: 'a domestic identifier > never goes back to an older version, and a raised epoch wins',
        assertion: 'expected true to be false',
      },
    ],
  },
  {
    name: 'epoch-before-number',
    purpose: 'After a restore the epoch counts before the number.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/status-view.test.ts',
        test: 'a domestic identifier > never goes back to an older version, and a raised epoch wins',
        assertion: 'expected false to be true',
      },
    ],
  },
  {
    name: 'ambiguous-claims',
    purpose: 'Two live claims on one identifier give nothing.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/status-view.test.ts',
        test: 'a domestic identifier > with two live claims is ambiguous',
        assertion: 'to match object [ { outcome: 12, credits: [] } ]',
      },
    ],
  },
  {
    name: 'ambiguous-partner-claims',
    purpose: 'Neither do two claims within a partner’s list.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/list-atomicity.test.ts',
        test: 'an identifier that two members of a list claim leads to neither',
        assertion: "to deeply equal [ 'ambiguous', 'b', 'none' ]",
      },
    ],
  },
  {
    name: 'slot-markers',
    purpose: 'A node switches to a list once every partition has told so.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/status-view.test.ts',
        test: 'a partner list > switches only when every partition has told so and the counts agree',
        assertion: 'expected 1 to be 11',
      },
    ],
  },
  {
    name: 'counts-agree',
    purpose: 'A node switches once every member has arrived.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/status-view.test.ts',
        test: 'a partner list > waits for a member that is still on its way',
        assertion: 'expected 2 to be 11',
      },
    ],
  },
  {
    name: 'two-slots',
    purpose: 'Until then it answers from the list before.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/status-view.test.ts',
        test: 'a partner list > holds the old list for a member of both until the next is whole',
        assertion: 'expected 2 to be 1',
      },
    ],
  },
  {
    name: 'suspension-overlay',
    purpose: 'A suspension takes the benefit of a member of the list.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/status-view.test.ts',
        test: 'a partner list > a suspension acts at once, outside any list',
        assertion: 'to match object [ { outcome: 3, credits: [] } ]',
      },
    ],
  },
  {
    name: 'unanswered-absence-in-the-view',
    purpose: 'A node gives nothing for an absence that nobody answered.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/status-view.test.ts',
        test: 'a partner list > a member whose absence from a newer list nobody has answered gives nothing and stays a member',
        assertion: 'to match object [ { outcome: 17, credits: [] } ]',
      },
    ],
  },
  {
    name: 'list-past-its-validity',
    purpose: 'A list gives nothing once the time has passed for which it was signed.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/status-view.test.ts',
        test: 'a partner list > gives nothing from the instant on until which it counts',
        assertion: 'to match object [ { outcome: 17, credits: [] } ]',
      },
    ],
    initiallySurvived: 'the named test',
  },
  {
    name: 'ended-arrangement',
    purpose: 'An arrangement ends with the first partition that tells so.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/status-view.test.ts',
        test: 'a partner list > gives nothing as soon as one partition tells that the arrangement has ended',
        assertion: 'to match object [ { outcome: 11, credits: [] } ]',
      },
    ],
    initiallySurvived: 'the named test',
  },
  {
    name: 'unreadable-record-blocks-its-key',
    purpose: 'A record that cannot be read lets its operator keep no benefit.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/edge/kafka/status-records.test.ts',
        test: 'bytes under an operator blocks that operator until a newer version is read',
        assertion: 'to deeply equal [ 17, …(1) ]',
      },
    ],
  },
  {
    name: 'unreadable-key-freezes',
    purpose: 'A record about nobody knows whom keeps its partition from being called fresh.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/edge/kafka/status-records.test.ts',
        test: 'an operator record without a key freezes the registry, and a heartbeat elsewhere does not count for it',
        assertion: 'to deeply equal [ 1000, 3000 ]',
      },
    ],
  },
  {
    name: 'as-old-as-the-oldest-partition',
    purpose: 'A source is as fresh as its oldest partition.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/freshness.test.ts',
        test: 'a source > is as fresh as its oldest partition',
        assertion: 'to deeply equal [ 5, 7 ]',
      },
    ],
  },
  {
    name: 'clock-that-runs-ahead',
    purpose: 'A heartbeat from the future proves nothing.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/freshness.test.ts',
        test: 'only a time that cannot be yet is ahead',
        assertion: 'to deeply equal [ false, true, false ]',
      },
    ],
  },
  {
    name: 'unknown-status-gives-nothing',
    purpose: 'A status this version does not know gives nothing.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/status-view.test.ts',
        test: 'a domestic identifier > of a status this version does not know gives nothing',
        assertion: 'expected 1 to be 2',
      },
    ],
  },
  {
    name: 'unknown-condition-gives-nothing',
    purpose: 'Nor does one under a condition it does not know.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/conditions.test.ts',
        test: 'what cannot be checked, or is not known, gives no credit: 99',
        assertion: 'to match object { outcome: 1, credits: [], …(1) }',
      },
    ],
  },
  {
    name: 'erased-operators-are-gone',
    purpose: 'An operator that was erased is found by nothing.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/status-view.test.ts',
        test: 'a domestic identifier > leads nowhere once its operator was erased',
        assertion: 'to match object [ Array(1) ]',
      },
    ],
    initiallySurvived: 'the named test',
  },
  {
    name: 'no-way-round-a-suspension',
    purpose: 'A second certificate is no way round a suspension.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/status-view.test.ts',
        test: 'a domestic identifier > gets nothing by a second certificate of a suspended component, and keeps what other components give',
        assertion: 'to match object [ { outcome: 3, credits: [] } ]',
      },
    ],
  },
  {
    name: 'credit-after-validation',
    purpose: 'A certificate gives credit only once its holder was validated.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/status-view.test.ts',
        test: 'a domestic identifier > of a certificate that is not validated yet is matched and gives no credit',
        assertion: 'to match object [ { outcome: 1, credits: [] } ]',
      },
    ],
    initiallySurvived: 'the named test',
  },
  {
    name: 'partners-speak-for-their-own-country',
    purpose: 'A partner speaks for identifiers of its own country alone.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/status-view.test.ts',
        test: 'a partner list > says nothing of identifiers of a third country',
        assertion: 'to match object [ { outcome: 11, credits: [] } ]',
      },
    ],
    initiallySurvived: 'the named test',
  },
  {
    name: 'min-version',
    purpose: 'A caller that demands a version is not answered from an older one.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/edge/grpc/get-priority.test.ts',
        test: 'a caller that names a version is not answered from an older one',
        assertion: 'to match object { Object (code, reason) }',
      },
    ],
    initiallySurvived: 'the named test',
  },
];
