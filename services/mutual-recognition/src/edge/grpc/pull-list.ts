import type { UnaryHandler } from '@aeo/platform/grpc';
import { exchangeService } from '@aeo/proto';
import { pullNewestList, type PullOutcome, type PullPorts } from '../../application/receiving/pull-list.ts';
import type { Ports } from '../../ports.ts';
import { ourArrangement } from './get-arrangement.ts';

/** Takes the partner's newest list on behalf of an officer. */
export const pullList =
  (
    ports: PullPorts & Pick<Ports, 'arrangement'>,
  ): UnaryHandler<exchangeService.PullListRequest, exchangeService.PullListResponse> =>
  async ({ arrangementId }, { actor, peer }) => {
    ourArrangement(ports.arrangement, arrangementId);
    const { outcome, lastAccepted } = await pullNewestList(ports, actor.trim() || peer);
    return exchangeService.PullListResponse.fromPartial({
      sequence: BigInt(lastAccepted?.sequence ?? 0),
      listed: BigInt(lastAccepted?.listed ?? 0),
      recognised: BigInt(lastAccepted?.recognised ?? 0),
      refused: refusals(outcome),
    });
  };

function refusals(outcome: PullOutcome): exchangeService.ListRefusal[] {
  if (outcome.kind !== 'refused' && outcome.kind !== 'awaiting_approval') return [];
  const path = outcome.kind === 'refused' ? (outcome.path ?? '') : '';
  return [exchangeService.ListRefusal.fromPartial({ code: outcome.reason, count: 1n, path })];
}
