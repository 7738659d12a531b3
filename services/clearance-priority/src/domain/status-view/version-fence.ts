import type { common } from '../vocabulary.ts';

/** Orders the states of one (source, aggregate): the epoch first, then the number. */
export function isNewer(
  candidate: common.StatusVersion | undefined,
  held: common.StatusVersion | undefined,
): boolean {
  if (held === undefined) return true;
  if (candidate === undefined) return false;
  if (candidate.epoch !== held.epoch) return candidate.epoch > held.epoch;
  return candidate.number > held.number;
}

/** True when what is held is at least as new as what is demanded. */
export function isAtLeast(held: common.StatusVersion | undefined, demanded: common.StatusVersion): boolean {
  return held !== undefined && !isNewer(demanded, held);
}
