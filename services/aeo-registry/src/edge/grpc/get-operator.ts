import type { UnaryHandler } from '@aeo/platform/grpc';
import type { registryService } from '@aeo/proto';
import { idPattern } from '@aeo/platform/field-formats';
import type { Ports } from '../../ports.ts';
import { operatorStatus } from '../operator-status.ts';
import { refuseFields } from '../refusals.ts';

type Handler = UnaryHandler<registryService.GetOperatorRequest, registryService.GetOperatorResponse>;

export const getOperator =
  (ports: Pick<Ports, 'findOperator' | 'epoch' | 'rules'>): Handler =>
  async ({ operatorId }) => {
    if (!idPattern.test(operatorId)) refuseFields([{ path: 'operatorId', code: 'FIELD_FORMAT' }]);
    return operatorStatus(ports, operatorId);
  };
