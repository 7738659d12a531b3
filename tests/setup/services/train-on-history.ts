import type { GrpcClient } from '@aeo/platform/grpc';
import { common, riskService } from '@aeo/proto';
import { declarationOf } from '../../../infra/main-job/declarations/declaration-message.ts';
import { readDeclarationsFile } from '../../../infra/main-job/input/declarations-file.ts';

/** Trains risk-scoring on the first 2,000 declarations of the history. */
export async function trainOnHistory(risk: GrpcClient): Promise<void> {
  const { CONFORM, FINDING } = common.ControlOutcome;
  const rows = readDeclarationsFile('infra/data/2020.csv')
    .rows.slice(0, 2_000)
    .map((row) => ({ declaration: declarationOf(row), outcome: row.finding ? FINDING : CONFORM }));
  const service = riskService.RiskServiceService;
  for (let start = 0; start < rows.length; start += 500)
    await risk.call(service.importHistory, { rows: rows.slice(start, start + 500) });
  await risk.call(service.trainModel, { seed: 1n, capacityPermille: 100 });
}
