import { grpcService, type CallContext, type GrpcService } from '@aeo/platform/grpc';
import type { BoundConsumer } from '@aeo/platform/kafka';
import type { CertificateRoles } from '@aeo/platform/identity';
import { riskService } from '@aeo/proto';
import { controlRecorded } from './edge/kafka/control-recorded.ts';
import { declarationDecided } from './edge/kafka/declaration-decided.ts';
import { getFeedback } from './edge/grpc/get-feedback.ts';
import { getThresholdTable } from './edge/grpc/get-threshold-table.ts';
import { importHistory } from './edge/grpc/import-history.ts';
import { scoreStream } from './edge/grpc/score-stream.ts';
import { trainModel } from './edge/grpc/train-model.ts';
import { modelInUse } from './application/scoring/model-in-use.ts';
import type { CompiledRules } from './application/rules/rule-messages.ts';
import type { Ports } from './ports.ts';

export type App = { services: GrpcService[]; consumers: BoundConsumer[] };

export type AppPorts = Ports & {
  rules: CompiledRules;
  now: () => Date;
  monotonicMs: () => number;
  scored: () => void;
};

/**
 * Which callers may do what. Scores and inspection rates show how to avoid an inspection, so none of it is for traders,
 * brokers or partners, nor for border posts, which receive the decision.
 */
const callers = {
  officer: { certificates: ['officer'], roles: ['officer', 'seniorOfficer'] },
  scoring: { certificates: ['clearance-priority'] },
} as const;

/** The roles that a certificate gives its holder. */
export const certificateRoles: CertificateRoles = { officer: ['officer'] };

/** Which handler answers which RPC. A training makes the new model the one that scores. */
export function createApp(ports: AppPorts): App {
  const model = modelInUse(ports.findNewerModel, ports.monotonicMs);
  const { officer, scoring } = callers;
  const train = trainModel(ports);
  const trainAndUse = async (request: riskService.TrainModelRequest, context: CallContext) => {
    const trained = await train(request, context);
    await model.refresh();
    return trained;
  };
  const service = grpcService(riskService.RiskServiceService, {
    unary: {
      importHistory: { allow: officer, handle: importHistory(ports) },
      trainModel: { allow: officer, handle: trainAndUse },
      getThresholdTable: { allow: officer, handle: getThresholdTable(ports) },
      getFeedback: { allow: officer, handle: getFeedback(ports) },
    },
    bidi: {
      scoreStream: { allow: scoring, handle: scoreStream({ ...ports, model: model.current }) },
    },
  });
  return {
    services: [service],
    consumers: [declarationDecided(ports, ports.scored), controlRecorded(ports)],
  };
}
