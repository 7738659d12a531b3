import { objectionTo } from '../../domain/list/list-awaiting-approval.ts';
import type { RefusalReason } from '../../domain/list/verify-list.ts';
import type { ApprovalDecision, Ports } from '../../ports.ts';
import { publishOwed, type PublicationPorts } from '../publication/publish-owed.ts';
import { judgeWithin, keepJudged } from './receive-list.ts';

export type DecisionPorts = PublicationPorts & Pick<Ports, 'now'>;

/** `objection`: this person may not decide on this list, or not any more. */
export type DecisionResult =
  | { kind: 'decided'; pulledBy: string }
  | { kind: 'objection'; reason: 'NOT_FOUND' | 'OUT_OF_ORDER' | 'NOT_ALLOWED' }
  | { kind: 'refused'; reason: RefusalReason };

/** Decides on a list that waits for a second person; a released list is published before this returns. */
export async function decideAndPublish(
  ports: DecisionPorts,
  decision: ApprovalDecision,
): Promise<DecisionResult> {
  await publishOwed(ports);
  const result = await decideList(ports, decision);
  if (result.kind === 'decided') await publishOwed(ports);
  return result;
}

/** Releases or refuses a list that waits for a second person, in one transaction with what that changes. */
export function decideList(
  ports: Omit<DecisionPorts, 'outbox'>,
  decision: ApprovalDecision,
): Promise<DecisionResult> {
  return ports.withArrangement(ports.arrangement.id, async (unit) => {
    const waiting = await unit.awaitingApproval.find(decision.sequence);
    const objection = objectionTo(waiting, decision.decidedBy);
    if (objection !== undefined || waiting === undefined)
      return { kind: 'objection', reason: objection ?? 'NOT_FOUND' };
    if (decision.decision === 'released') {
      const list = { ...waiting.received, approved: true };
      const judgement = await judgeWithin(unit, list, ports);
      if (judgement.verdict.kind === 'refused') return judgement.verdict;
      await keepJudged(unit, list, judgement, ports);
    }
    await unit.awaitingApproval.saveDecision(decision);
    return { kind: 'decided', pulledBy: waiting.pulledBy };
  });
}
