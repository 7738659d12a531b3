import type { CallContext } from '@aeo/platform/grpc';
import type { Principal } from '@aeo/platform/principal';
import { isPlainText } from '../domain/names.ts';
import { refuseFields } from './fields.ts';

/** Who asks: the name of its certificate, and the person or system it says it acts for. */
export type Caller = {
  name: string;
  actor: string;
  /** What it is to the authority. */
  principal: Principal;
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
  if (actor === '') return { name: peer, actor: peer, principal };
  if (!isPlainText(actor, actorMax)) refuseFields([{ path: 'actor', code: 'FIELD_FORMAT' }]);
  return { name: peer, actor, principal };
}
