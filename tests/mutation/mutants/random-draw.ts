import type { Mutant } from '../mutant.ts';

/** Controls that no credit and no fault does away with. */
export const randomDrawMutants: readonly Mutant[] = [
  {
    name: 'stored-draw-stands',
    purpose: 'No node records another draw than the stored one.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/adapters/decision-store.postgres.int.test.ts',
        test: 'a draw other than the stored one is not recorded, whoever made it and with whatever probability',
        assertion: "to deeply equal [ 'lost' ]",
      },
    ],
  },
  {
    name: 'stored-draw-is-looked-up',
    purpose: 'A draw on record is not made again.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/application/deciding/assessor.test.ts',
        test: 'a draw on record is answered with, under its own key; a new one is of the database’s day',
        assertion: "to match object { draw: { keyId: 'k', …(4) }, lane: 4 }",
      },
    ],
  },
  {
    name: 'once-selected-stays-selected',
    purpose: 'Another transport document is no second draw.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/adapters/decision-store.postgres.int.test.ts',
        test: 'an amendment with another transport document stays selected, even where both come at once',
        assertion: "to deeply equal [ 'recorded', 'lost' ]",
      },
    ],
  },
  {
    name: 'draw-by-the-consignment',
    purpose: 'Another version is no second draw.',
    killedBy: [
      {
        file: 'tests/system/decisions.test.ts',
        test: 'a consignment drawn on an earlier day stays drawn, in every version',
        assertion: "to match object { keyId: 'an-earlier-key', …(4) }",
      },
    ],
  },
  {
    name: 'draw-by-the-transport-document',
    purpose: 'Nor is another declaration number for the same goods.',
    killedBy: [
      {
        file: 'tests/faults/amended-declarations.test.ts',
        test: 'ten versions for one consignment, and other declarations for it, all have the one draw',
        assertion: 'to deeply equal [ { …(6) }',
      },
    ],
  },
  {
    name: 'draw-also-when-degraded',
    purpose: 'The draw holds when everything else is gone.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/application/deciding/assessor.test.ts',
        test: 'the draw is made whatever is away',
        assertion: 'to match object { lane: 4, selection: 3 }',
      },
    ],
    initiallySurvived: 'the named test',
  },
  {
    name: 'draw-above-any-credit',
    purpose: 'No credit spares a consignment that was drawn.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/decision/decide.test.ts',
        test: 'a certified party > is inspected all the same by the random draw',
        assertion: 'to match object { lane: 4, laneWithoutStatus: 4, …(1) }',
      },
    ],
  },
  {
    name: 'mandatory-rules-held-in-the-node',
    purpose: 'Legal controls hold without the scorer.',
    killedBy: [
      {
        file: 'tests/faults/degraded-start.test.ts',
        test: 'without the scorer mandatory rules hold, and nothing else is released',
        assertion: 'to match object { lane: 4, selection: 1 }',
      },
    ],
  },
  {
    name: 'mandatory-rules-above-any-credit',
    purpose: 'No credit spares goods that a rule stops.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/domain/decision/decide.test.ts',
        test: 'a certified party > is inspected all the same by a legal control',
        assertion: 'to match object { lane: 4, laneWithoutStatus: 4, …(1) }',
      },
    ],
  },
];
