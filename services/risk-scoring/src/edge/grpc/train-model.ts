import type { UnaryHandler } from '@aeo/platform/grpc';
import type { riskService } from '@aeo/proto';
import { invalid } from '@aeo/platform/field-problems';
import { trainModel as train, type TrainPorts } from '../../application/training/train-model.ts';

type Handler = UnaryHandler<riskService.TrainModelRequest, riskService.TrainModelResponse>;

const capacityDefaultPermille = 100;

export const trainModel =
  (ports: TrainPorts): Handler =>
  async (request) => {
    const training = await train(ports, { seed: request.seed, capacityPermille: capacityOf(request) });
    const { modelId, modelVersion, dataHash, examples, metrics, table } = training;
    return { modelId, modelVersion, dataHash, rows: BigInt(examples), metrics, thresholds: table };
  };

function capacityOf(request: riskService.TrainModelRequest): number {
  const named = request.scoreCapacityPermille !== undefined;
  const path = named ? 'scoreCapacityPermille' : 'capacityPermille';
  const permille = request[path] ?? 0;
  if (permille < 0 || permille > 1000) throw invalid([{ path, code: 'FIELD_RANGE' }]);
  return permille === 0 && !named ? capacityDefaultPermille : permille;
}
