import { AppError } from '@aeo/platform/errors';
import type { UnaryHandler } from '@aeo/platform/grpc';
import { common, type riskService } from '@aeo/proto';
import type { Ports } from '../../ports.ts';
import { isKnown } from '@aeo/platform/field-formats';
import { invalid } from '@aeo/platform/field-problems';

type Handler = UnaryHandler<riskService.GetThresholdTableRequest, riskService.GetThresholdTableResponse>;

export const getThresholdTable =
  (ports: Pick<Ports, 'findThresholdTable'>): Handler =>
  async ({ purpose, version }) => {
    if (!isKnown(common.Purpose, purpose)) throw invalid([{ path: 'purpose', code: 'FIELD_UNKNOWN_VALUE' }]);
    if (version < 0n) throw invalid([{ path: 'version', code: 'FIELD_RANGE' }]);
    const table = await ports.findThresholdTable(purpose, version);
    if (table === undefined) throw new AppError('not_found', 'NOT_FOUND', 'no such threshold table');
    return { table };
  };
