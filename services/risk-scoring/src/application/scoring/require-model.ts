import { AppError } from '@aeo/platform/errors';
import type { StoredModel } from '../../ports.ts';

type ModelPorts = {
  model: () => Promise<StoredModel | undefined>;
  /** A clock that is never set back. */
  monotonicMs: () => number;
};

/**
 * The model in use, as long as the caller still waits: work after its deadline would only delay the next items.
 *
 * @throws AppError `unavailable` where the deadline has passed or no model has been trained
 */
export async function requireModelBefore(
  { model: find, monotonicMs }: ModelPorts,
  deadlineAtMs: number | undefined,
): Promise<StoredModel> {
  const requireInTime = () => {
    if (deadlineAtMs !== undefined && monotonicMs() >= deadlineAtMs)
      throw new AppError('unavailable', 'UNAVAILABLE', 'the deadline has passed');
  };
  requireInTime();
  const model = await find();
  requireInTime();
  if (model === undefined) throw new AppError('unavailable', 'UNAVAILABLE', 'no model has been trained');
  return model;
}
