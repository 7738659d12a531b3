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
    const held = await received.held();
    return exchangeService.GetArrangementResponse.fromPartial({
      arrangementId,
      live: arrangement.live,
      receivedSequence: BigInt(held?.sequence ?? 0),
      receivedCount: BigInt(held?.listed ?? 0),
      ...(held ? { receivedAt: held.receivedAt } : {}),
      sentSequence: BigInt(await issued.lastSequence()),
      refused: await received.refusals(),
      held: (await received.waiting()).map(({ sequence, count, removed, ...who }) => ({
        sequence: BigInt(sequence),
        count: BigInt(count),
        removed: BigInt(removed),
        ...who,
      })),
    });
  };

/** @throws AppError `not_found` PARTNER_UNKNOWN for any other arrangement */
export function ourArrangement(arrangement: Arrangement, id: string): void {
  if (id !== arrangement.id)
    throw new AppError('not_found', 'PARTNER_UNKNOWN', 'there is no such arrangement');
}
