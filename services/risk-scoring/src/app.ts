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
import { modelInUse } from './model-in-use.ts';
import type { CompiledRules } from './rule-messages.ts';
import type { Ports } from './ports.ts';

export type App = { services: GrpcService[]; consumers: BoundConsumer[] };

export type AppPorts = Ports & {
  rules: CompiledRules;
  now: () => Date;
  monotonicMs: () => number;
  scored: () => void;
};

/** Which handler answers which RPC. A training makes the new model the one that scores. */
export function createApp(ports: AppPorts): App {
  const model = modelInUse(ports.findNewerModel, ports.monotonicMs);
  const train = trainModel(ports);
  const service = grpcService(riskService.RiskServiceService, {
    unary: {
      importHistory: importHistory(ports),
      trainModel: async (request: riskService.TrainModelRequest, context) => {
        const trained = await train(request, context);
        await model.refresh();
        return trained;
      },
      getThresholdTable: getThresholdTable(ports),
      getFeedback: getFeedback(ports),
    },
    bidi: { scoreStream: scoreStream({ ...ports, model: model.current }) },
  });
  return {
    services: [service],
    consumers: [declarationDecided(ports, ports.scored), controlRecorded(ports)],
  };
}
