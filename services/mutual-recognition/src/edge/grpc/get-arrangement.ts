import { AppError } from '@aeo/platform/errors';
import type { UnaryHandler } from '@aeo/platform/grpc';
import { exchangeService } from '@aeo/proto';
import type { Arrangement } from '../../domain/arrangement/arrangement.ts';
import type { Ports } from '../../ports.ts';

export const getArrangement =
  ({
    arrangement,
    received,
    issued,
  }: Pick<Ports, 'arrangement' | 'received' | 'issued'>): UnaryHandler<
    exchangeService.GetArrangementRequest,
    exchangeService.GetArrangementResponse
  > =>
  async ({ arrangementId }) => {
    ourArrangement(arrangement, arrangementId);
    const last = await received.findLastAccepted();
    return exchangeService.GetArrangementResponse.fromPartial({
      arrangementId,
      live: arrangement.live,
      receivedSequence: BigInt(last?.sequence ?? 0),
      receivedCount: BigInt(last?.listed ?? 0),
      ...(last ? { receivedAt: last.receivedAt } : {}),
      sentSequence: BigInt(await issued.lastSequence()),
      refused: await received.countRefusals(),
      held: (await received.listAwaitingApproval()).map((waiting) => ({
        sequence: BigInt(waiting.sequence),
        count: BigInt(waiting.count),
        removed: BigInt(waiting.removed),
        heldBy: waiting.pulledBy,
        heldAt: waiting.waitingSince,
      })),
    });
  };

/** @throws AppError `not_found` PARTNER_UNKNOWN for any other arrangement */
export function ourArrangement(arrangement: Arrangement, id: string): void {
  if (id !== arrangement.id)
    throw new AppError('not_found', 'PARTNER_UNKNOWN', 'there is no such arrangement');
}
