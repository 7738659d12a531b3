import { grpcService, type GrpcService } from '@aeo/platform/grpc';
import { riskService } from '@aeo/proto';
import { getThresholdTable } from './handlers/get-threshold-table.ts';
import { importHistory } from './handlers/import-history.ts';
import { scoreStream } from './handlers/score-stream.ts';
import { trainModel } from './handlers/train-model.ts';
import type { Ports, StoredModel } from './ports.ts';

export type App = { services: GrpcService[] };

/** Which handler answers which RPC. A training makes the new model the one that scores. */
export function createApp(ports: Ports & { now(): Date }): App {
  let model: Promise<StoredModel | undefined> | undefined;
  const current = () => (model ??= ports.newestModel().catch((error: unknown) => forget(error)));
  const forget = (error: unknown): never => {
    model = undefined;
    throw error;
  };
  const train = trainModel(ports);
  const service = grpcService(riskService.RiskServiceService, {
    unary: {
      importHistory: importHistory(ports),
      trainModel: (request: riskService.TrainModelRequest, context) =>
        train(request, context).finally(() => (model = undefined)),
      getThresholdTable: getThresholdTable(ports),
    },
    bidi: { scoreStream: scoreStream(current) },
  });
  return { services: [service] };
}
