import type { Mutant } from '../mutant.ts';

/** Mechanisms that find a changed or missing record. */
export const sealMutants: readonly Mutant[] = [
  {
    name: 'seal-of-current-rows',
    purpose: 'A changed record is found.',
    killedBy: [
      {
        file: 'services/platform/src/proof/sealer.int.test.ts',
        test: 'a changed row is found',
        assertion: 'expected true to be false',
      },
    ],
  },
  {
    name: 'seal-of-row-count',
    purpose: 'A deleted record is found.',
    killedBy: [
      {
        file: 'services/platform/src/proof/sealer.int.test.ts',
        test: 'a row gone is found',
        assertion: 'expected true to be false',
      },
    ],
  },
  {
    name: 'sealed-head-signature',
    purpose: 'A changed head is found.',
    killedBy: [
      {
        file: 'services/platform/src/proof/sealer.int.test.ts',
        test: 'a head with another root is found',
        assertion: "to include 'head 1 is not signed by the key'",
      },
    ],
  },
  {
    name: 'sealed-head-link',
    purpose: 'A head that was left out or replaced is found.',
    killedBy: [
      {
        file: 'services/platform/src/proof/sealer.int.test.ts',
        test: 'a head signed again after a changed predecessor is found',
        assertion: "to include 'head 2 does not link to the one before'",
      },
    ],
    initiallySurvived: 'the named test: a head that is signed, but does not link to the one before',
  },
  {
    name: 'missing-ledger-row-detection',
    purpose: 'A decision without its ledger row is reported within a minute.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/application/ledger/ledger-watch.int.test.ts',
        test: 'a removed ledger row is reported missing until it is restored',
        assertion: 'to match object { decision_ledger: 1',
      },
    ],
  },
  {
    name: 'late-suspension-check',
    purpose: 'A suspension that arrives late is compared with the decisions recorded before.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/application/ledger/ledger-watch.int.test.ts',
        test: 'a late suspension is checked against benefits that were already recorded',
        assertion: 'expected +0 to be 1',
      },
    ],
  },
];
