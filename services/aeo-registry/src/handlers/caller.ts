import type { CallContext } from '@aeo/platform/grpc';
import { isPlainText } from '../domain/names.ts';
import { refuseFields } from './fields.ts';

/** Who asks: the name of its certificate, and the person or system it says it acts for. */
export type Caller = { name: string; actor: string };

/**
 * A caller that names nobody acts for itself.
 *
 * @throws AppError `invalid` for an actor that is no plain text of up to 120 characters
 */
export function callerOf({ peer, actor }: Pick<CallContext, 'peer' | 'actor'>): Caller {
  if (actor === '') return { name: peer, actor: peer };
  if (!isPlainText(actor, 120)) refuseFields([{ path: 'actor', code: 'FIELD_FORMAT' }]);
  return { name: peer, actor };
}
