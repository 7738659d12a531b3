import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '@aeo/platform/errors';
import type { OwnOperator, OwnOperators } from '../../domain/list/own-operators.ts';

const completeWaitMs = 10_000;

/**
 * Our operators once the status topic has delivered everything that was committed before this call.
 *
 * @throws AppError `unavailable` STALE where that takes too long
 */
export async function completeOperators(
  operators: OwnOperators,
  databaseNow: () => Promise<Date>,
): Promise<OwnOperator[]> {
  const calledMs = (await databaseNow()).getTime();
  for (const endMs = performance.now() + completeWaitMs; performance.now() < endMs; await pause(50)) {
    if ((operators.completeUntilMs() ?? 0) >= calledMs) return operators.readable();
  }
  throw new AppError('unavailable', 'STALE', 'no heartbeat of the registry was received for too long');
}
