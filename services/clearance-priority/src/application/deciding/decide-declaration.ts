import { AppError } from '@aeo/platform/errors';
import { clearanceDecision, clearanceService } from '@aeo/proto';
import type { Mode } from './assessor.ts';
import type { Batcher } from './batcher.ts';
import { keyReused } from './key-reused.ts';
import type { Recorded, Request } from '../../ports.ts';

/**
 * Has a declaration decided, or finds what stands.
 *
 * @throws AppError as the batcher answers; `conflict` KEY_REUSED where what stands is about something else
 */
export async function decided(
  batcher: Batcher,
  request: Request,
  mode: Mode = 'once',
): Promise<clearanceService.AssessResponse> {
  const result = await batcher.assess(request, mode);
  if (result instanceof AppError) throw result;
  return responseTo(request, result);
}

/**
 * A record as the answer to a request. A probe is in no statistics, so its record must never stand for goods.
 *
 * @throws AppError `conflict` KEY_REUSED where the record is of other content, or one of both is a probe
 */
export function responseTo(
  request: Pick<Request, 'contentHash' | 'probe'>,
  { record, decidedAt }: Recorded,
): clearanceService.AssessResponse {
  const decision = clearanceDecision.Decision.decode(record);
  if (!request.contentHash.equals(decision.contentHash)) throw keyReused('declaration');
  if (request.probe !== decision.probe) throw keyReused('probe');
  return clearanceService.AssessResponse.fromPartial({ decision, ...(decidedAt ? { decidedAt } : {}) });
}
