import type { Mutant } from '../mutant.ts';

/** Mechanisms of controls that no credit and no fault cancels. */
export const randomDrawMutants: readonly Mutant[] = [
  {
    name: 'stored-draw-kept-at-record',
    purpose: 'A node records the stored draw.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/adapters/decision-store.postgres.int.test.ts',
        test: 'a draw that differs from the stored one is not recorded',
        assertion: "to deeply equal [ 'lost' ]",
      },
    ],
  },
  {
    name: 'stored-draw-lookup',
    purpose: 'A stored draw is not drawn again.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/application/deciding/assessor.test.ts',
        test: 'a draw on record is answered with, under its own key; a new one is of the database’s day',
        assertion: "to match object { draw: { keyId: 'k', …(4) }, lane: 4 }",
      },
    ],
  },
  {
    name: 'selection-kept-across-documents',
    purpose: 'A selected declaration stays selected under another transport document.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/adapters/decision-store.postgres.int.test.ts',
        test: 'an amendment with another transport document stays selected, even where both come at once',
        assertion: "to deeply equal [ 'recorded', 'lost' ]",
      },
    ],
  },
  {
    name: 'draw-by-consignment',
    purpose: 'Another version of a declaration has the same draw.',
    killedBy: [
      {
        file: 'tests/system/decisions.test.ts',
        test: 'a consignment that was drawn on an earlier day stays drawn in every version',
        assertion: "to match object { keyId: 'an-earlier-key', …(4) }",
      },
    ],
  },
  {
    name: 'draw-by-transport-document',
    purpose: 'Another declaration of the same consignment has the same draw.',
    killedBy: [
      {
        file: 'tests/faults/amended-declarations.test.ts',
        test: 'ten versions of a declaration, and another declaration of the same consignment, share one random draw',
        assertion: 'to deeply equal [ { …(6) }',
      },
    ],
  },
  {
    name: 'draw-when-degraded',
    purpose: 'The draw is made when every dependency is unavailable.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/application/deciding/assessor.test.ts',
        test: 'the draw is made whichever dependency is unavailable',
        assertion: 'to match object { lane: 4, selection: 3 }',
      },
    ],
    initiallySurvived: 'the named test',
  },
  {
    name: 'draw-overrides-credit',
    purpose: 'No credit releases a consignment that was drawn.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/decision/decide.test.ts',
        test: 'a certified party > is inspected all the same by the random draw',
        assertion: 'to match object { lane: 4, laneWithoutStatus: 4, …(1) }',
      },
    ],
  },
  {
    name: 'mandatory-rules-in-node',
    purpose: 'Mandatory rules apply without the scorer.',
    killedBy: [
      {
        file: 'tests/faults/degraded-start.test.ts',
        test: 'a node without the scorer applies the mandatory rules and releases nothing else',
        assertion: 'to match object { lane: 4, selection: 1 }',
      },
    ],
  },
  {
    name: 'mandatory-rules-override-credit',
    purpose: 'No credit releases goods that a mandatory rule stops.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/decision/decide.test.ts',
        test: 'a certified party > is inspected all the same by a legal control',
        assertion: 'to match object { lane: 4, laneWithoutStatus: 4, …(1) }',
      },
    ],
  },
];
