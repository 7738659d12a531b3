import { grpcService, type GrpcService } from '@aeo/platform/grpc';
import type { RestRoute } from '@aeo/platform/http';
import type { BoundConsumer } from '@aeo/platform/kafka';
import { registryService } from '@aeo/proto';
import { controlRecorded } from './handlers/control-recorded.ts';
import { executeBatch } from './handlers/execute-batch.ts';
import { getOperator } from './handlers/get-operator.ts';
import { listCertificates } from './handlers/list-certificates.ts';
import { singleCommand } from './handlers/single-command.ts';
import type { Ports } from './ports.ts';
import { registryRoutes } from './rest-routes.ts';

export type App = { services: GrpcService[]; routes: RestRoute[]; consumers: BoundConsumer[] };

/** Which handler answers which RPC, route and topic. */
export function createApp(ports: Ports): App {
  const service = grpcService(registryService.RegistryServiceService, {
    unary: {
      registerOperator: singleCommand(ports, 'registerOperator'),
      recordComplianceFacts: singleCommand(ports, 'recordComplianceFacts'),
      submitApplication: singleCommand(ports, 'submitApplication'),
      decideApplication: singleCommand(ports, 'decideApplication'),
      suspendCertificate: singleCommand(ports, 'suspendCertificate'),
      reinstateCertificate: singleCommand(ports, 'reinstateCertificate'),
      revokeCertificate: singleCommand(ports, 'revokeCertificate'),
      executeBatch: executeBatch(ports),
      getOperator: getOperator(ports),
      listCertificates: listCertificates(ports),
    },
  });
  return { services: [service], routes: registryRoutes(ports), consumers: [controlRecorded(ports)] };
}
