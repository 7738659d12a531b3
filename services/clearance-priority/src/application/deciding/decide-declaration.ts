import { AppError } from '@aeo/platform/errors';
import type { Recorded } from '../../domain/decision/recorded.ts';
import type { Batcher, Mode, Request } from '../../ports.ts';
import { keyReused } from './key-reused.ts';

/**
 * Decides a declaration, or finds its decision on record.
 *
 * @throws AppError as the batcher answers; `conflict` KEY_REUSED where the record is of another declaration
 */
export async function decideDeclaration(
  batcher: Batcher,
  request: Request,
  mode: Mode = 'once',
): Promise<Recorded> {
  const result = await batcher.assess(request, mode);
  if (result instanceof AppError) throw result;
  requireSameDeclaration(request, result);
  return result;
}

/**
 * A probe is in no statistics, so its record must never stand for goods.
 *
 * @throws AppError `conflict` KEY_REUSED where the record is of other content, or one of both is a probe
 */
export function requireSameDeclaration(
  request: Pick<Request, 'contentHash' | 'probe'>,
  { decision }: Recorded,
): void {
  if (!request.contentHash.equals(decision.contentHash)) throw keyReused('declaration');
  if (request.probe !== decision.probe) throw keyReused('probe');
}
