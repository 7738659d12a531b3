import type { Mutant } from './mutant.ts';
import { reassessmentMutants } from './mutants/reassessment.ts';
import { consumerMutants } from './mutants/consumers.ts';
import { decisionMutants } from './mutants/decision.ts';
import { outboxMutants } from './mutants/outbox.ts';
import { randomDrawMutants } from './mutants/random-draw.ts';
import { applicationMutants } from './mutants/applications.ts';
import { lifeCycleMutants } from './mutants/life-cycle.ts';
import { ownershipMutants } from './mutants/ownership.ts';
import { restartMutants } from './mutants/restart.ts';
import { callerMutants } from './mutants/callers.ts';
import { sealMutants } from './mutants/seals.ts';
import { statusMutants } from './mutants/status.ts';

/** Every mutant, by the part of the way from a status to a decision that its mechanism guards. */
export const mutants: readonly Mutant[] = [
  ...outboxMutants,
  ...consumerMutants,
  ...callerMutants,
  ...sealMutants,
  ...ownershipMutants,
  ...lifeCycleMutants,
  ...applicationMutants,
  ...statusMutants,
  ...restartMutants,
  ...decisionMutants,
  ...randomDrawMutants,
  ...reassessmentMutants,
];
