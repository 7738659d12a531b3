import { AppError } from '@aeo/platform/errors';
import type { UnaryHandler } from '@aeo/platform/grpc';
import type { registryService } from '@aeo/proto';
import { idPattern } from '../domain/names.ts';
import type { Ports } from '../ports.ts';
import { statusMessage } from '../status-message.ts';
import { refuseFields } from './fields.ts';

type Handler = UnaryHandler<registryService.GetOperatorRequest, registryService.GetOperatorResponse>;

export const getOperator =
  (ports: Pick<Ports, 'findOperator' | 'epoch'>): Handler =>
  async ({ operatorId }) => {
    if (!idPattern.test(operatorId)) refuseFields([{ path: 'operatorId', code: 'FIELD_FORMAT' }]);
    const found = await ports.findOperator(operatorId);
    if (found?.state === undefined) throw new AppError('not_found', 'NOT_FOUND', 'no such operator');
    return { status: statusMessage(operatorId, found.state, { epoch: ports.epoch, number: found.version }) };
  };
