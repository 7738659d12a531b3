import { allowed } from '@aeo/platform/allowed';
import { grpcService, type GrpcService } from '@aeo/platform/grpc';
import type { RestRoute } from '@aeo/platform/http';
import type { BoundConsumer } from '@aeo/platform/kafka';
import { registryService } from '@aeo/proto';
import { callers } from './callers.ts';
import { controlRecorded } from './handlers/control-recorded.ts';
import { executeBatch } from './handlers/execute-batch.ts';
import { getOperator } from './handlers/get-operator.ts';
import { listCertificates } from './handlers/list-certificates.ts';
import { singleCommand } from './handlers/single-command.ts';
import type { Ports } from './ports.ts';
import { registryRoutes } from './rest-routes.ts';

export type App = { services: GrpcService[]; routes: RestRoute[]; consumers: BoundConsumer[] };

export type Handlers = ReturnType<typeof handlersOf>;

function handlersOf(ports: Ports) {
  const { command, read, register } = callers;
  return {
    registerOperator: allowed(command, singleCommand(ports, 'registerOperator')),
    recordComplianceFacts: allowed(command, singleCommand(ports, 'recordComplianceFacts')),
    submitApplication: allowed(command, singleCommand(ports, 'submitApplication')),
    decideApplication: allowed(command, singleCommand(ports, 'decideApplication')),
    approveDecision: allowed(command, singleCommand(ports, 'approveDecision')),
    recordFacts: allowed(command, singleCommand(ports, 'recordFacts')),
    recordEvidence: allowed(command, singleCommand(ports, 'recordEvidence')),
    takeStep: allowed(command, singleCommand(ports, 'takeStep')),
    suspendCertificate: allowed(command, singleCommand(ports, 'suspendCertificate')),
    reinstateCertificate: allowed(command, singleCommand(ports, 'reinstateCertificate')),
    revokeCertificate: allowed(command, singleCommand(ports, 'revokeCertificate')),
    executeBatch: allowed(command, executeBatch(ports)),
    getOperator: allowed(read, getOperator(ports)),
    listCertificates: allowed(register, listCertificates(ports)),
  };
}

/** Which handler answers which RPC, route and topic; RPCs and routes share theirs. */
export function createApp(ports: Ports): App {
  const handlers = handlersOf(ports);
  const service = grpcService(registryService.RegistryServiceService, { unary: handlers });
  return { services: [service], routes: registryRoutes(handlers), consumers: [controlRecorded(ports)] };
}
