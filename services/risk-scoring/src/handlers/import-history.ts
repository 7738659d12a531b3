import type { UnaryHandler } from '@aeo/platform/grpc';
import { common, type riskService } from '@aeo/proto';
import { observe } from '../domain/observation.ts';
import type { HistoryItem, Ports } from '../ports.ts';
import { invalid, scorableItems } from './scorable-items.ts';

type Request = riskService.ImportHistoryRequest;

const rowsMax = 500;

export const importHistory =
  (ports: Pick<Ports, 'addHistory'>): UnaryHandler<Request, riskService.ImportHistoryResponse> =>
  async ({ rows }) => {
    if (rows.length > rowsMax) throw invalid([{ path: 'rows', code: 'BATCH_TOO_LARGE' }]);
    const items = rows.flatMap((row, index) => itemsOf(row, `rows[${index}]`));
    const imported = await ports.addHistory(items);
    return { imported, alreadyHeld: items.length - imported };
  };

function itemsOf({ declaration, outcome }: riskService.HistoryRow, path: string): HistoryItem[] {
  const { CONFORM, FINDING, CRITICAL_FINDING } = common.ControlOutcome;
  if (outcome !== CONFORM && outcome !== FINDING && outcome !== CRITICAL_FINDING) {
    throw invalid([{ path: `${path}.outcome`, code: 'FIELD_UNKNOWN_VALUE' }]);
  }
  return scorableItems(declaration, `${path}.declaration`).map((item, index) => ({
    declarationId: declaration?.declarationId ?? '',
    itemNumber: index + 1,
    declaredOn: declaration?.declaredOn ?? '',
    office: item.office,
    observation: observe(item),
    finding: outcome !== CONFORM,
  }));
}
