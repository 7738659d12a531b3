import { AppError } from '@aeo/platform/errors';
import type { UnaryHandler } from '@aeo/platform/grpc';
import type { riskService } from '@aeo/proto';
import type { Ports } from '../ports.ts';

type Handler = UnaryHandler<riskService.GetThresholdTableRequest, riskService.GetThresholdTableResponse>;

export const getThresholdTable =
  (ports: Pick<Ports, 'findThresholdTable'>): Handler =>
  async ({ purpose, version }) => {
    const table = await ports.findThresholdTable(purpose, version);
    if (table === undefined) throw new AppError('not_found', 'NOT_FOUND', 'no such threshold table');
    return { table };
  };
