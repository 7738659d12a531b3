import type { CallContext } from '@aeo/platform/grpc';
import { mayAccess } from '../../domain/operator/access.ts';
import type { DecisionContext } from '../../domain/operator/decide.ts';
import type { Operator } from '../../domain/operator/operator.ts';
import type { Ports } from '../../ports.ts';
import { notFound } from '../refusals.ts';

/**
 * An operator that the caller may see, and the decision context at the registry's time.
 *
 * @throws AppError `not_found` NOT_FOUND, also for an operator that does not concern the caller
 */
export async function getVisibleOperator(
  ports: Pick<Ports, 'findOperator' | 'databaseNow' | 'rules'>,
  operatorId: string,
  { principal, actor }: Pick<CallContext, 'principal' | 'actor'>,
): Promise<{ state: Operator; decisionContext: DecisionContext }> {
  const [found, now] = await Promise.all([ports.findOperator(operatorId), ports.databaseNow()]);
  const decisionContext = { ...ports.rules, now: now.toISOString(), actor };
  const state = found?.state;
  if (state === undefined || !mayAccess(principal, operatorId, state, decisionContext.now)) throw notFound();
  return { state, decisionContext };
}
