import { grpcService, type GrpcService } from '@aeo/platform/grpc';
import type { BoundConsumer } from '@aeo/platform/kafka';
import { riskService } from '@aeo/proto';
import { controlRecorded } from './handlers/control-recorded.ts';
import { declarationDecided } from './handlers/declaration-decided.ts';
import { getFeedback } from './handlers/get-feedback.ts';
import { getThresholdTable } from './handlers/get-threshold-table.ts';
import { importHistory } from './handlers/import-history.ts';
import { scoreStream } from './handlers/score-stream.ts';
import { trainModel } from './handlers/train-model.ts';
import type { CompiledRules } from './rule-messages.ts';
import type { Ports, StoredModel } from './ports.ts';

export type App = { services: GrpcService[]; consumers: BoundConsumer[] };

export type AppPorts = Ports & { rules: CompiledRules; now: () => Date; scored: () => void };

/** Which handler answers which RPC. A training makes the new model the one that scores. */
export function createApp(ports: AppPorts): App {
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
      getFeedback: getFeedback(ports),
    },
    bidi: { scoreStream: scoreStream(current, ports.rules, ports.now) },
  });
  return {
    services: [service],
    consumers: [declarationDecided(ports, ports.scored), controlRecorded(ports)],
  };
}
