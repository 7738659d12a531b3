import type { Mutant } from '../mutant.ts';

/** By which a changed or missing record is found. */
export const sealMutants: readonly Mutant[] = [
  {
    name: 'sealed-rows-as-they-are-now',
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
    name: 'sealed-rows-none-gone',
    purpose: 'A record that is gone is found.',
    killedBy: [
      {
        file: 'services/platform/src/proof/sealer.int.test.ts',
        test: 'a row gone is found',
        assertion: 'expected true to be false',
      },
    ],
  },
  {
    name: 'sealed-heads-signed',
    purpose: 'A head that was changed is found.',
    killedBy: [
      {
        file: 'services/platform/src/proof/sealer.int.test.ts',
        test: 'a head with another root is found',
        assertion: "to include 'head 1 is not signed by the key'",
      },
    ],
  },
  {
    name: 'sealed-heads-linked',
    purpose: 'A head that was left out or made later is found.',
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
    name: 'ledger-rows-missed',
    purpose: 'A decision without its ledger row is told of within a minute.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/application/ledger/ledger-watch.int.test.ts',
        test: 'a ledger row that was taken away is missed, and found again when it is put back',
        assertion: 'to match object { decision_ledger: 1',
      },
    ],
  },
  {
    name: 'late-suspensions-held-against-the-past',
    purpose: 'A suspension that was seen late is held against what was recorded before.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/application/ledger/ledger-watch.int.test.ts',
        test: 'a suspension that comes late is held against what was recorded before it came',
        assertion: 'expected +0 to be 1',
      },
    ],
  },
];
