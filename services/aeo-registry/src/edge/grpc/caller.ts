import type { CallContext } from '@aeo/platform/grpc';
import type { Principal } from '@aeo/platform/identity';
import { isPersonName } from '@aeo/platform/field-formats';
import { refuseFields } from './fields.ts';

/** Who asks: the name of its certificate, and the person or system it says it acts for. */
export type Caller = {
  name: string;
  actor: string;
  /** What it is to the authority. */
  principal: Principal;
};

/**
 * A caller that names nobody acts for itself.
 *
 * @throws AppError `invalid` for an actor that is no name of up to 120 characters: with spaces around it, or letters that are not composed
 */
export function callerOf({
  peer,
  actor,
  principal,
}: Pick<CallContext, 'peer' | 'actor' | 'principal'>): Caller {
  if (actor === '') return { name: peer, actor: peer, principal };
  if (!isPersonName(actor)) refuseFields([{ path: 'actor', code: 'FIELD_FORMAT' }]);
  return { name: peer, actor, principal };
}
