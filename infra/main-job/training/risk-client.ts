import { grpcClient, type GrpcClient, type TlsFiles } from '@aeo/platform/grpc';
import { common, riskService } from '@aeo/proto';
import { declarationOf } from '../declarations/declaration-message.ts';
import type { DeclarationRow } from '../input/declaration-row.ts';

const service = riskService.RiskServiceService;
const rowsPerCall = 500;

export type RiskClient = {
  importHistory(rows: DeclarationRow[], progress: (done: number) => void): Promise<number>;
  train(seed: number, capacity: number): Promise<riskService.TrainModelResponse>;
  stop(): Promise<void>;
};

export function riskClient(address: string, tls: TlsFiles): RiskClient {
  const client = grpcClient(riskService.RiskServiceClient, { address, tls, defaultDeadlineMs: 10_000 });
  return {
    importHistory: (rows, progress) => importHistory(client, rows, progress),
    train: (seed, capacity) => {
      const capacityPermille = Math.round(capacity * 1000);
      return client.call(
        service.trainModel,
        { seed: BigInt(seed), capacityPermille, scoreCapacityPermille: capacityPermille },
        { deadlineMs: 180_000 },
      );
    },
    stop: () => client.stop(),
  };
}

async function importHistory(client: GrpcClient, rows: DeclarationRow[], progress: (done: number) => void) {
  let imported = 0;
  for (let start = 0; start < rows.length; start += rowsPerCall) {
    const batch = rows.slice(start, start + rowsPerCall).map((row) => ({
      declaration: declarationOf(row),
      outcome: outcomeOf(row),
    }));
    const answer = await client.call(service.importHistory, { rows: batch });
    imported += answer.imported;
    progress(start + batch.length);
  }
  return imported;
}

function outcomeOf(row: DeclarationRow): common.ControlOutcome {
  const { CONFORM, FINDING, CRITICAL_FINDING } = common.ControlOutcome;
  return row.critical ? CRITICAL_FINDING : row.finding ? FINDING : CONFORM;
}
