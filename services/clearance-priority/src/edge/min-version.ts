import { AppError } from '@aeo/platform/errors';
import { common } from '@aeo/proto';
import { isAtLeast } from '../domain/status-view/version-fence.ts';
import type { NodeState } from '../application/status-view/node-state.ts';
import { invalid } from '@aeo/platform/field-problems';

/**
 * Refuses to answer from a view that has not seen what the caller's token names.
 *
 * @throws AppError `invalid` for a token that is none, `unavailable` STALE when the view is behind it
 */
export function demandVersion({ view }: NodeState, token: string): void {
  if (token === '') return;
  const { source, aggregate, version } = read(token);
  if (version === undefined || source === '' || aggregate === '')
    throw invalid([{ path: 'minVersion', code: 'FIELD_FORMAT' }]);
  if (!isAtLeast(view.version(source, aggregate), version))
    throw new AppError('unavailable', 'STALE', 'that status has not arrived here yet');
}

function read(token: string): common.StatusPosition {
  try {
    return common.StatusPosition.decode(Buffer.from(token, 'base64url'));
  } catch {
    throw invalid([{ path: 'minVersion', code: 'FIELD_FORMAT' }]);
  }
}
