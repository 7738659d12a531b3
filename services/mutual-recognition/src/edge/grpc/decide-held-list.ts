import { AppError, type ErrorCode } from '@aeo/platform/errors';
import type { UnaryHandler } from '@aeo/platform/grpc';
import { exchangeService } from '@aeo/proto';
import {
  decideAndPublish,
  type DecisionPorts,
  type DecisionResult,
} from '../../application/receiving/decide-list.ts';
import type { ApprovalDecision, Ports } from '../../ports.ts';
import { ourArrangement } from './get-arrangement.ts';

const { HeldListDecision } = exchangeService;

type Handler = UnaryHandler<exchangeService.DecideHeldListRequest, exchangeService.DecideHeldListResponse>;

/** Lets a second person release or refuse a list whose absences wait. */
export const decideHeldList =
  (ports: DecisionPorts & Pick<Ports, 'received'>): Handler =>
  async (request, { actor }) => {
    ourArrangement(ports.arrangement, request.arrangementId);
    const decision = toDecision(request, actor.trim());
    const { pulledBy } = requireDecided(await decideAndPublish(ports, decision));
    const last = await ports.received.findLastAccepted();
    return { sequence: BigInt(last?.sequence ?? 0), heldBy: pulledBy, decidedBy: decision.decidedBy };
  };

const reasonMax = 1_000;

function toDecision(request: exchangeService.DecideHeldListRequest, actor: string): ApprovalDecision {
  if (actor === '' || actor.length > 100) throw invalid('FIELD_REQUIRED', 'actor');
  const decision =
    request.decision === HeldListDecision.RELEASE
      ? 'released'
      : request.decision === HeldListDecision.REFUSE
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

function requireDecided(result: DecisionResult): { pulledBy: string } {
  if (result.kind === 'decided') return result;
  if (result.kind === 'refused')
    throw new AppError('conflict', result.reason, 'this list cannot come into force');
  throw new AppError(objections[result.reason], result.reason, 'this list is not yours to decide on');
}
