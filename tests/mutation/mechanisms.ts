import type { Mechanism } from './mechanism.ts';
import { againMechanisms } from './mechanisms/again.ts';
import { consumerMechanisms } from './mechanisms/consumers.ts';
import { decisionMechanisms } from './mechanisms/decision.ts';
import { deliveryMechanisms } from './mechanisms/delivery.ts';
import { drawMechanisms } from './mechanisms/draw.ts';
import { fileMechanisms } from './mechanisms/files.ts';
import { lifeCycleMechanisms } from './mechanisms/life-cycle.ts';
import { ownerMechanisms } from './mechanisms/owners.ts';
import { restartMechanisms } from './mechanisms/restart.ts';
import { sealMechanisms } from './mechanisms/seals.ts';
import { statusMechanisms } from './mechanisms/status.ts';

/** Every mechanism whose removal is tried, by the part of the way from a status to a decision that it guards. */
export const mechanisms: readonly Mechanism[] = [
  ...deliveryMechanisms,
  ...consumerMechanisms,
  ...sealMechanisms,
  ...ownerMechanisms,
  ...lifeCycleMechanisms,
  ...fileMechanisms,
  ...statusMechanisms,
  ...restartMechanisms,
  ...decisionMechanisms,
  ...drawMechanisms,
  ...againMechanisms,
];
