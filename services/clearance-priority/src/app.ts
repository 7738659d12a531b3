import { grpcService, type GrpcService } from '@aeo/platform/grpc';
import type { BoundConsumer } from '@aeo/platform/kafka';
import { clearanceService } from '@aeo/proto';
import { assess, type AssessorPorts } from './assessor.ts';
import { createBatcher, type Batcher } from './batcher.ts';
import { assessOne, assessStream } from './handlers/assess.ts';
import { declarationLodged } from './handlers/declaration-lodged.ts';
import { explainDecision } from './handlers/explain-decision.ts';
import { getPriority } from './handlers/get-priority.ts';
import { recordControl } from './handlers/record-control.ts';

export type App = { services: GrpcService[]; consumers: BoundConsumer[]; batcher: Batcher };

const batchesAtOnce = 4;

/** Which handler answers which RPC and topic. */
export function createApp(ports: AssessorPorts): App {
  const { store, knowledge, clock, settings } = ports;
  const batcher = createBatcher((requests, mode) => assess(ports, requests, mode), batchesAtOnce);
  const asking = { batcher, knowledge, store };
  const service = grpcService(clearanceService.ClearanceServiceService, {
    unary: {
      getPriority: getPriority({ knowledge, clock, statusAgeMaxMs: settings.statusAgeMaxMs }),
      assess: assessOne(asking),
      recordControl: recordControl(store),
      explainDecision: explainDecision(store),
    },
    bidi: { assessStream: assessStream(asking) },
  });
  return { services: [service], consumers: [declarationLodged(batcher)], batcher };
}
