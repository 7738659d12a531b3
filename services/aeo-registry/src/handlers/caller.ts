import type { CallContext } from '@aeo/platform/grpc';
import { isPlainText } from '../domain/names.ts';
import { refuseFields } from './fields.ts';

/** Who asks: the name of its certificate, and the person or system it says it acts for. */
export type Caller = {
  name: string;
  actor: string;
  /** Known by a token, which names the person itself. */
  isPerson: boolean;
};

/** In UTF-16 code units. */
export const actorMax = 120;

/**
 * A caller that names nobody acts for itself.
 *
 * @throws AppError `invalid` for an actor that is no plain text of up to 120 characters
 */
export function callerOf({
  peer,
  actor,
  principal,
}: Pick<CallContext, 'peer' | 'actor' | 'principal'>): Caller {
  const isPerson = principal.kind === 'token';
  if (actor === '') return { name: peer, actor: peer, isPerson };
  if (!isPlainText(actor, actorMax)) refuseFields([{ path: 'actor', code: 'FIELD_FORMAT' }]);
  return { name: peer, actor, isPerson };
}
