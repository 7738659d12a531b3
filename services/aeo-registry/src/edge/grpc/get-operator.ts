import { AppError } from '@aeo/platform/errors';
import type { UnaryHandler } from '@aeo/platform/grpc';
import type { registryService } from '@aeo/proto';
import { idPattern } from '@aeo/platform/field-formats';
import type { Ports } from '../../ports.ts';
import { statusMessage } from '../../application/publication/status-message.ts';
import { refuseFields } from './fields.ts';

type Handler = UnaryHandler<registryService.GetOperatorRequest, registryService.GetOperatorResponse>;

export const getOperator =
  ({ findOperator, epoch, rules }: Pick<Ports, 'findOperator' | 'epoch' | 'rules'>): Handler =>
  async ({ operatorId }) => {
    if (!idPattern.test(operatorId)) refuseFields([{ path: 'operatorId', code: 'FIELD_FORMAT' }]);
    const found = await findOperator(operatorId);
    if (found?.state === undefined) throw new AppError('not_found', 'NOT_FOUND', 'no such operator');
    const version = { epoch, number: found.version };
    return { status: statusMessage(operatorId, found.state, version, rules.programmes) };
  };
