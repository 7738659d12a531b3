import { createHash } from 'node:crypto';
import type { UnaryHandler } from '@aeo/platform/grpc';
import { common, contentHash, type declaration, type riskService } from '@aeo/proto';
import { keepHistory } from '../../application/history/keep-history.ts';
import { observe } from '../../domain/scoring/observation.ts';
import type { HistoryDeclaration, Ports } from '../../ports.ts';
import { invalid } from '@aeo/platform/field-problems';
import { scorableItems } from '../scorable-items.ts';

type Request = riskService.ImportHistoryRequest;

const rowsMax = 500;

/** Reads all rows of a request before any of them is kept. */
export const importHistory =
  (ports: Pick<Ports, 'addHistory'>): UnaryHandler<Request, riskService.ImportHistoryResponse> =>
  async ({ rows }) => {
    if (rows.length > rowsMax) throw invalid([{ path: 'rows', code: 'BATCH_TOO_LARGE' }]);
    return await keepHistory(
      ports,
      rows.map((row, index) => historyOf(row, `rows[${index}]`)),
    );
  };

function historyOf(
  { declaration: declared, outcome }: riskService.HistoryRow,
  path: string,
): HistoryDeclaration {
  const { CONFORM, FINDING, CRITICAL_FINDING } = common.ControlOutcome;
  if (outcome !== CONFORM && outcome !== FINDING && outcome !== CRITICAL_FINDING) {
    throw invalid([{ path: `${path}.outcome`, code: 'FIELD_UNKNOWN_VALUE' }]);
  }
  if (declared === undefined) throw invalid([{ path: `${path}.declaration`, code: 'FIELD_REQUIRED' }]);
  const items = scorableItems(declared, `${path}.declaration`).map((item, index) => ({
    itemNumber: index + 1,
    observation: observe(item),
  }));
  const { declarationId, declaredOn, office } = declared;
  const shared = { declarationId, declaredOn, office, finding: outcome !== CONFORM };
  return { ...shared, contentHash: hashOf(declared, outcome), items };
}

/** Covers the outcome too: a declaration that is sent again with another one is not the same history. */
function hashOf(declared: declaration.Declaration, outcome: common.ControlOutcome): Buffer {
  return createHash('sha256').update(contentHash(declared)).update(String(outcome)).digest();
}
