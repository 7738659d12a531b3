import type { Mutant } from '../mutant.ts';

/** Mechanisms of the status view of a decision node. */
export const statusMutants: readonly Mutant[] = [
  {
    name: 'status-version-fence',
    purpose: 'A status never returns to an older version.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/status-view.test.ts',
        test: 'a domestic identifier > never goes back to an older version, and a raised epoch wins',
        assertion: 'expected true to be false',
      },
    ],
  },
  {
    name: 'epoch-compared-before-number',
    purpose: 'After a restore the epoch is compared before the number.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/status-view.test.ts',
        test: 'a domestic identifier > never goes back to an older version, and a raised epoch wins',
        assertion: 'expected false to be true',
      },
    ],
  },
  {
    name: 'ambiguous-identifier-no-credit',
    purpose: 'Two live claims on one identifier give no benefit.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/status-view.test.ts',
        test: 'a domestic identifier > with two live claims is ambiguous',
        assertion: 'to match object [ { outcome: 12, credits: [] } ]',
      },
    ],
  },
  {
    name: 'ambiguous-partner-identifier-no-credit',
    purpose: 'Two claims on one identifier within the list of a partner give no benefit.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/list-atomicity.test.ts',
        test: 'an identifier that two members of a list claim leads to neither',
        assertion: "to deeply equal [ 'ambiguous', 'b', 'none' ]",
      },
    ],
  },
  {
    name: 'list-switch-on-all-markers',
    purpose: 'A node switches to a list after every partition has sent its marker.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/status-view.test.ts',
        test: 'a partner list > switches only when every partition has its activation and the counts agree',
        assertion: 'expected 1 to be 11',
      },
    ],
  },
  {
    name: 'list-switch-on-member-count',
    purpose: 'A node switches to a list after every member has arrived.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/status-view.test.ts',
        test: 'a partner list > waits for a member that is still on its way',
        assertion: 'expected 2 to be 11',
      },
    ],
  },
  {
    name: 'previous-list-until-switch',
    purpose: 'A node answers from the previous list until the switch.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/status-view.test.ts',
        test: 'a partner list > holds the old list for a member of both until the next is whole',
        assertion: 'expected 2 to be 1',
      },
    ],
  },
  {
    name: 'suspension-overrides-list',
    purpose: 'A suspended member of a list receives no benefit.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/status-view.test.ts',
        test: 'a partner list > a suspension acts at once, outside any list',
        assertion: 'to match object [ { outcome: 3, credits: [] } ]',
      },
    ],
  },
  {
    name: 'absent-member-no-credit',
    purpose: 'A member with an undecided absence receives no benefit.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/status-view.test.ts',
        test: 'a partner list > a member whose absence from a newer list awaits an answer gives no benefit and stays a member',
        assertion: 'to match object [ { outcome: 17, credits: [] } ]',
      },
    ],
  },
  {
    name: 'list-validity-end',
    purpose: 'A list gives no benefit after the end of its validity.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/status-view.test.ts',
        test: 'a partner list > gives no benefit from the end of its validity on',
        assertion: 'to match object [ { outcome: 17, credits: [] } ]',
      },
    ],
    initiallySurvived: 'the named test',
  },
  {
    name: 'arrangement-end-on-first-partition',
    purpose: 'An arrangement ends with the first partition that reports its end.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/status-view.test.ts',
        test: 'a partner list > gives no benefit as soon as one partition carries the end of the arrangement',
        assertion: 'to match object [ { outcome: 11, credits: [] } ]',
      },
    ],
    initiallySurvived: 'the named test',
  },
  {
    name: 'unreadable-record-blocks-key',
    purpose: 'An operator whose status record cannot be read keeps no benefit.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/edge/kafka/status-records.test.ts',
        test: 'bytes under an operator blocks that operator until a newer version is read',
        assertion: 'to deeply equal [ 17, …(1) ]',
      },
    ],
  },
  {
    name: 'unreadable-key-freezes-partition',
    purpose: 'A partition with a record whose key cannot be read is not fresh.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/edge/kafka/status-records.test.ts',
        test: 'an operator record without a key freezes the registry, and a heartbeat elsewhere does not count for it',
        assertion: 'to deeply equal [ 1000, 3000 ]',
      },
    ],
  },
  {
    name: 'source-age-by-oldest-partition',
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
    name: 'future-heartbeat-rejected',
    purpose: 'A heartbeat from the future does not make its partition fresh.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/freshness.test.ts',
        test: 'only a time that cannot be yet is ahead',
        assertion: 'to deeply equal [ false, true, false ]',
      },
    ],
  },
  {
    name: 'unknown-status-no-credit',
    purpose: 'A status unknown to this version gives no benefit.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/status-view.test.ts',
        test: 'a domestic identifier > of a status this version does not know gives nothing',
        assertion: 'expected 1 to be 2',
      },
    ],
  },
  {
    name: 'unknown-condition-no-credit',
    purpose: 'A certificate with a condition unknown to this version gives no benefit.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/conditions.test.ts',
        test: 'what cannot be checked, or is not known, gives no credit: 99',
        assertion: 'to match object { outcome: 1, credits: [], …(1) }',
      },
    ],
  },
  {
    name: 'erased-operator-removed',
    purpose: 'An erased operator is not found.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/status-view.test.ts',
        test: 'a domestic identifier > matches no operator once that operator was erased',
        assertion: 'to match object [ Array(1) ]',
      },
    ],
    initiallySurvived: 'the named test',
  },
  {
    name: 'suspension-covers-component',
    purpose: 'A second certificate of a suspended component gives no benefit.',
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
    purpose: 'A certificate gives credit only after its holder was validated.',
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
    name: 'partner-identifiers-of-own-country',
    purpose: 'A partner reports identifiers of its own country only.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/status-view/status-view.test.ts',
        test: 'a partner list > does not match identifiers of a third country',
        assertion: 'to match object [ { outcome: 11, credits: [] } ]',
      },
    ],
    initiallySurvived: 'the named test',
  },
  {
    name: 'minimum-status-version',
    purpose: 'A caller that requires a version is not answered from an older one.',
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
