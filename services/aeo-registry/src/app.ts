import { allowed, grpcService, type GrpcService } from '@aeo/platform/grpc';
import type { RestRoute, UploadRoute } from '@aeo/platform/http';
import type { BoundConsumer } from '@aeo/platform/kafka';
import { registryService } from '@aeo/proto';
import { callers } from './edge/callers.ts';
import { controlRecorded } from './edge/kafka/control-recorded.ts';
import { executeBatch } from './edge/grpc/execute-batch.ts';
import { getOperator } from './edge/grpc/get-operator.ts';
import { listCertificates } from './edge/grpc/list-certificates.ts';
import { singleCommand } from './edge/grpc/single-command.ts';
import type { Ports } from './ports.ts';
import { applicationRoutes } from './edge/rest/applications.ts';
import { certificateRoutes } from './edge/rest/certificates.ts';
import { evidenceDownload, evidenceUpload } from './edge/rest/evidence.ts';
import { fileReadingRoutes } from './edge/rest/application-reading.ts';
import { readingRoutes } from './edge/rest/operator-reading.ts';
import { recordRoutes } from './edge/rest/records.ts';
import { reviewsRoute } from './edge/rest/reviews.ts';
import { statusCommandRoutes } from './edge/rest/status-commands.ts';

export type App = {
  services: GrpcService[];
  routes: RestRoute[];
  uploads: UploadRoute[];
  consumers: BoundConsumer[];
};

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
    recordPerson: allowed(command, singleCommand(ports, 'recordPerson')),
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
  const routes = [
    statusCommandRoutes(handlers),
    applicationRoutes(ports),
    fileReadingRoutes(ports),
    certificateRoutes(ports),
    recordRoutes(ports),
    readingRoutes(ports),
    [evidenceDownload(ports), reviewsRoute(ports)],
  ].flat();
  const uploads = [evidenceUpload(ports)];
  return { services: [service], routes, uploads, consumers: [controlRecorded(ports)] };
}
