import { AppError } from '@aeo/platform/errors';
import type { registryService } from '@aeo/proto';
import { statusMessage } from '../application/publication/status-message.ts';
import type { Ports } from '../ports.ts';

/** The status of an operator as it is published. @throws AppError `not_found` NOT_FOUND */
export async function operatorStatus(
  { findOperator, epoch, rules }: Pick<Ports, 'findOperator' | 'epoch' | 'rules'>,
  operatorId: string,
): Promise<registryService.GetOperatorResponse> {
  const found = await findOperator(operatorId);
  if (found?.state === undefined) throw new AppError('not_found', 'NOT_FOUND', 'no such operator');
  const version = { epoch, number: found.version };
  return { status: statusMessage(operatorId, found.state, version, rules.programmes) };
}
