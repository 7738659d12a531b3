import { AppError, type ErrorCode } from '@aeo/platform/errors';
import type { UnaryHandler } from '@aeo/platform/grpc';
import { exchangeService } from '@aeo/proto';
import { judgeList } from '../../domain/list/verify-list.ts';
import type { Decided, HeldListDecision, Ports } from '../../ports.ts';
import { ourArrangement } from './get-arrangement.ts';

const { HeldListDecision: Asked } = exchangeService;

/** Lets a second person release or refuse a list whose absences wait. A released list is published before the answer. */
export const decideHeldList =
  ({
    arrangement,
    received,
    now,
  }: Pick<Ports, 'arrangement' | 'received' | 'now'>): UnaryHandler<
    exchangeService.DecideHeldListRequest,
    exchangeService.DecideHeldListResponse
  > =>
  async (request, { actor }) => {
    ourArrangement(arrangement, request.arrangementId);
    const decision = toDecision(request, actor.trim());
    await received.activate();
    const decided = await received.decide(decision, (list, known) =>
      judgeList(list, known, arrangement, now()),
    );
    const { heldBy } = accepted(decided);
    await received.activate();
    const held = await received.held();
    return { sequence: BigInt(held?.sequence ?? 0), heldBy, decidedBy: decision.decidedBy };
  };

const reasonMax = 1_000;

function toDecision(request: exchangeService.DecideHeldListRequest, actor: string): HeldListDecision {
  if (actor === '' || actor.length > 100) throw invalid('FIELD_REQUIRED', 'actor');
  const decision =
    request.decision === Asked.RELEASE
      ? 'released'
      : request.decision === Asked.REFUSE
        ? 'refused'
        : undefined;
  if (decision === undefined) throw invalid('FIELD_UNKNOWN_VALUE', 'decision');
  const reason = request.reason.trim();
  if (reason === '') throw invalid('FIELD_REQUIRED', 'reason');
  if (reason.length > reasonMax || reason.includes('\0')) throw invalid('FIELD_FORMAT', 'reason');
  if (request.sequence < 1n || request.sequence > BigInt(Number.MAX_SAFE_INTEGER))
    throw invalid('FIELD_RANGE', 'sequence');
  return { sequence: Number(request.sequence), decision, decidedBy: actor, reason };
}

function invalid(code: string, path: string): AppError {
  return new AppError('invalid', code, `${path} cannot be used`, { fields: [{ path, code }] });
}

const objections: Record<'NOT_FOUND' | 'OUT_OF_ORDER' | 'NOT_ALLOWED', ErrorCode> = {
  NOT_FOUND: 'not_found',
  OUT_OF_ORDER: 'conflict',
  NOT_ALLOWED: 'denied',
};

function accepted(decided: Decided): { heldBy: string } {
  if (decided.kind === 'decided') return decided;
  if (decided.kind === 'refused')
    throw new AppError('conflict', decided.reason, 'this list cannot come into force');
  throw new AppError(objections[decided.reason], decided.reason, 'this list is not yours to decide on');
}
