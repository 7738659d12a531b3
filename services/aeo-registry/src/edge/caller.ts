import type { CallContext } from '@aeo/platform/grpc';
import { isPersonName, keyPattern } from '@aeo/platform/field-formats';
import type { Caller } from '../application/command-outcome.ts';
import { refuseFields } from './refusals.ts';

/**
 * Who calls. A caller that names no person acts for itself.
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

/** The idempotency key of a call with one command. @throws AppError `invalid` for one that is no key */
export function idempotencyKeyOf({
  idempotencyKey,
}: Pick<CallContext, 'idempotencyKey'>): string | undefined {
  if (idempotencyKey !== undefined && !keyPattern.test(idempotencyKey))
    refuseFields([{ path: 'idempotency-key', code: 'FIELD_FORMAT' }]);
  return idempotencyKey;
}
